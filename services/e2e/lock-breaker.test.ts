import t from 'tap';
import { Buyer, until } from './buyer.ts';
import { publishEvent, startStack } from './sale-fixture.ts';

t.setTimeout(400_000);

const holdTtlSeconds = 12;

t.test(
  'with the breaker a sale goes on without DynamoDB, and nothing is sold twice after Redis is lost too',
  async (t) => {
    const stack = await startStack(t, {
      environment: { LOCK_BREAKER: 'true', RESEND_INTERVAL_MS: '200', RESEND_AFTER_MS: '500' },
    });
    const eventId = await publishEvent(stack, { holdTtl: `${holdTtlSeconds}s`, perBuyer: 10 });
    const [before, meanwhile, rival] = [0, 1, 2].map(() => new Buyer(stack.url, eventId));
    for (const buyer of [before, meanwhile, rival]) await buyer!.awaitTurn();
    t.match(await before!.buy(['R1C1']), { order: { status: 'CONFIRMED' } });

    await stack.engines.kill('dynamodb', 'SIGKILL');
    t.match(await meanwhile!.hold({ seatId: 'R2C1' }), { status: 503 }, 'it takes some failures to open');
    await until(
      'holds go on',
      60_000,
      async () => (await meanwhile!.hold({ seatId: 'R2C1' })).status === 200,
    );
    t.match(await rival!.hold({ seatId: 'R2C1' }), { status: 409 });
    t.equal((await meanwhile!.hold({ seatId: 'R2C2' })).status, 200);
    const intent = await meanwhile!.intent(['R2C2']);
    t.equal((await meanwhile!.commit(intent.body.intentId, ['R2C2'], 'commit-R2C2')).status, 202);
    t.match(await meanwhile!.awaitOrder('commit-R2C2', 60_000), { order: { status: 'CONFIRMED' } });
    const heldAtMs = Date.now();
    t.equal((await meanwhile!.hold({ seatId: 'R2C3' })).status, 200);

    await stack.engines.kill('redis', 'SIGKILL');
    await stack.engines.start('redis');
    await stack.engines.start('dynamodb');
    await stack.createTableAndQueues();
    const later = new Buyer(stack.url, eventId);
    await later.awaitTurn(60_000);
    await until('seats are sold again', 120_000, async () => {
      const answer = await later.hold({ seatId: 'R2C3' });
      if (answer.status === 200) t.ok(Date.now() > heldAtMs + holdTtlSeconds * 1000, 'not while it was held');
      return answer.status === 200;
    });
    for (const seatId of ['R1C1', 'R2C2'])
      t.match(await later.hold({ seatId }), { status: 409 }, `${seatId} is sold`);
  },
);
