import { randomUUID } from 'node:crypto';
import type { BotsStatus } from '@onsale/contracts/http/bots-routes';
import { callAdmin } from '@onsale/local/admin-client';
import { localSecrets } from '@onsale/local/local-secrets';
import { startBots } from '@onsale/local/start-bots';
import { issueLocalToken } from '@onsale/platform/identity/issue-local-token';
import t from 'tap';
import { Buyer, call, until } from './buyer.ts';
import { openWindows, publishEvent, startStack } from './sale-fixture.ts';

const tokenOf = (userId: string) =>
  issueLocalToken({ userId, roles: [], key: localSecrets.jwtKey, ttlSeconds: 600 });

t.setTimeout(300_000);

t.test('with bearer identity everybody buys for themselves, and sees what is theirs', async (t) => {
  const stack = await startStack(t, { environment: { IDENTITY: 'bearer' } });
  const eventId = await publishEvent(stack);
  const aliceToken = await tokenOf('alice');
  const bearer = { authorization: `Bearer ${aliceToken}` };
  const alice = new Buyer(stack.url, eventId, 'alice', aliceToken);
  await alice.awaitTurn();
  const { order } = await alice.buy(['R1C1']);
  t.match(order, { status: 'CONFIRMED', userId: 'alice' });

  const nobody = new Buyer(stack.url, eventId, 'alice');
  t.match(await nobody.enter(), { status: 401, body: { error: 'unauthorized' } });
  t.match(await nobody.intent(['R1C2']), { status: 401 });
  t.match(await nobody.commit(order.intentId, ['R1C1'], `key-${randomUUID()}`), { status: 401 });

  const mallory = new Buyer(stack.url, eventId, 'alice', await tokenOf('mallory'));
  t.match(await mallory.enter(), { status: 403, body: { error: 'forbidden' } });
  t.match(await mallory.intent(['R1C2']), { status: 403 });
  t.match(await mallory.commit(order.intentId, ['R1C1'], `key-${randomUUID()}`), { status: 403 });

  const orders = (headers: Record<string, string>, query = '') =>
    call(stack.url, 'GET', `/confirm/orders${query}`, { headers });
  t.match(await orders(bearer), { status: 200, body: { orders: [{ orderId: order.orderId }] } });
  t.match(await orders({}, '?userId=alice'), { status: 401 });
  const foreign = { authorization: `Bearer ${await tokenOf('mallory')}` };
  t.same((await orders(foreign)).body.orders, [], "another buyer's orders are not shown");
  t.match(await orders(foreign, '?userId=alice'), { status: 403 });
  t.match(
    await call(stack.url, 'POST', `/confirm/orders/${order.orderId}/cancel`, { headers: foreign, body: {} }),
    { status: 403 },
  );
  const [, payload, signature] = aliceToken.split('.');
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
  for (const forged of [unsigned, `${aliceToken.slice(0, -8)}AAAAAAAA`, `a.${payload}.${signature}`]) {
    t.match(await orders({ authorization: `Bearer ${forged}` }), { status: 401 }, 'a forged token');
  }

  await publishEvent(stack, { windows: openWindows() });
  const logDir = t.testdir();
  const play = async (environment: Readonly<Record<string, string>>) => {
    const quick = {
      BOTS_ARRIVE_BEFORE_SEC: '0',
      BOTS_REACTION_MS: '10',
      BOTS_CHOOSING_MS: '10',
      BOTS_TYPING_MS: '10',
    };
    const bots = await startBots({
      stack,
      count: 2,
      logDir,
      environment: { ...quick, BOTS_ABANDON_PERCENT: '0', ...environment },
      onExit: () => undefined,
    });
    t.teardown(() => bots.stop());
    const admin = { url: bots.internalUrl, token: localSecrets.adminToken };
    let finished: BotsStatus['finished'] = {};
    await until('both bots are through', 120_000, async () => {
      ({ finished } = await callAdmin<BotsStatus>(admin, 'GET', '/admin/bots'));
      return Object.values(finished).reduce((sum, count) => sum + count, 0) === 2;
    });
    await bots.stop();
    return finished;
  };
  t.same(
    await play({ LOCAL_JWT_KEY: localSecrets.jwtKey }),
    { confirmed: 2 },
    'bots with the services’ key buy',
  );
  t.same(await play({}), { failed: 2 }, 'and without it do not');
});
