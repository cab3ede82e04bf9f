import { Redis } from 'ioredis';
import t from 'tap';
import { createLogger } from './logger.ts';

function fixture() {
  const lines: string[] = [];
  return { lines, logger: createLogger('public-api', 'info', { write: (line) => void lines.push(line) }) };
}

t.test('a line is JSON with the service, the level’s name, the time and the event', (t) => {
  const { lines, logger } = fixture();
  logger.info({ event: 'hold_placed', saleId: 'event-0001.0' }, 'Placed');
  logger.debug({ event: 'unseen' });
  t.equal(lines.length, 1);
  t.match(JSON.parse(lines[0]!), {
    level: 'info',
    time: /^\d{4}-.*Z$/,
    service: 'public-api',
    event: 'hold_placed',
    saleId: 'event-0001.0',
    msg: 'Placed',
  });
  t.end();
});

t.test('buyers, tokens and what a statement carried never get into a line', async (t) => {
  const { lines, logger } = fixture();
  const buyer = 'alice-4711';
  logger.warn({ event: 'x', userId: buyer, token: buyer, roomToken: buyer, authorization: buyer });
  logger.warn({
    event: 'x',
    body: { userId: buyer },
    headers: { authorization: buyer, 'x-room-token': buyer },
  });
  const duplicate = Object.assign(new Error('duplicate key value violates unique constraint'), {
    code: '23505',
    detail: `Key (user_id)=(${buyer}) already exists.`,
  });
  logger.error({ event: 'x', err: duplicate });
  const redis = new Redis({ port: 1, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => undefined);
  const failed = await redis.set(`{event-0001.0:${buyer}}`, buyer).catch((error: unknown) => error);
  logger.error({ event: 'x', err: failed });
  logger.error({
    event: 'x',
    err: Object.assign(new Error('ERR unknown'), { command: { name: 'set', args: [`{${buyer}}`, buyer] } }),
  });
  t.equal(lines.length, 5);
  t.notMatch(lines.join('\n'), new RegExp(buyer));
  t.match(lines.join('\n'), /23505[^]*"name":"set"/, 'what helps is still there');
});
