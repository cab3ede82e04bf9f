import { BatchWriteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { privateRedis, testEngines } from '@onsale/local/test-engines';
import { createRedis } from '@onsale/platform/redis';
import { Command } from 'ioredis';
import { pino } from 'pino';
import t from 'tap';
import { createHoldId } from './hold-id.ts';
import { breakerStore, inventoryUnderTest, redisOf, until } from './inventory-fixture.ts';
import { createInventoryKeeper } from './inventory-keeper.ts';
import { buyerCapsKey, capBucketOf, rebuildLeaseKey } from './inventory-keys.ts';
import { breakerLeaseMs } from './lock-breaker.ts';
import { readLockItems } from './lock-reader.ts';
import { readMasters } from './redis-masters.ts';
import { Registry } from 'prom-client';

const engines = await testEngines(t, { needs: ['redis', 'redisCluster', 'dynamodb'] });
t.setTimeout(180_000);
const held = { outcome: 'held' };

/** DynamoDB with the test in between. */
function intercepted(
  dynamodb: DynamoDBClient,
  before: (command: unknown, forward: () => Promise<unknown>) => Promise<unknown>,
): DynamoDBClient {
  return new Proxy(dynamodb, {
    get: (target, property) =>
      property === 'send'
        ? (command: never, options: never) => before(command, () => target.send(command, options))
        : Reflect.get(target, property),
  });
}

for (const kind of ['single', 'cluster'] as const) {
  const redis = redisOf(engines, kind);

  t.test(`on a ${kind} Redis`, async (t) => {
    t.test('an emptied Redis refuses, and is restored with the same holders', async (t) => {
      const sale = await inventoryUnderTest(t, engines, redis);
      await sale.hold('alice', ['R1C1', 'R1C2']);
      await sale.hold('bob', ['R5C1']);
      await sale.commit('bob', ['R5C1']);
      await sale.hold('carol', ['R9C1', 'R9C2']);
      await sale.commit('carol', ['R9C1', 'R9C2']);
      await sale.sell('carol', ['R9C1', 'R9C2'], 'order-carol');
      sale.tickets.push(
        { seatId: 'R9C1', userId: 'carol', orderId: 'order-carol' },
        { seatId: 'R9C2', userId: 'carol', orderId: 'order-carol' },
        // Confirmed a moment ago: Redis has not been told.
        { seatId: 'R5C1', userId: 'bob', orderId: 'order-bob' },
      );
      await sale.hold('dan', ['R2C1', 'R2C2']);
      await sale.release({ userId: 'dan' }, ['R2C1']);
      await sale.hold('eve', ['R3C1']);
      await sale.release({ userId: 'eve' }, ['R3C1']);
      await sale.inventory.drain();

      await sale.forgetSale();
      for (const user of ['alice', 'bob', 'carol', 'dan'])
        await sale.redis.del(buyerCapsKey(sale.saleId, capBucketOf(user)));
      for (const attempt of [
        () => sale.hold('frank', ['R1C1']),
        () => sale.release({ userId: 'alice' }, ['R1C1']),
        () => sale.commit('alice', ['R1C1']),
        () => sale.wholeMap(),
        () => sale.inventory.readSummary(sale.published, sale.saleId, 0),
      ]) {
        await t.rejects(Promise.resolve<unknown>(attempt()), {
          code: 'rebuilding',
          status: 503,
          retryAfterSec: 1,
        });
      }
      t.match(await sale.inventory.rebuild(sale.published, sale.saleId), {
        outcome: 'published',
        held: 3,
        sold: 3,
        blocked: 0,
      });
      t.equal(await sale.lettersOf(['R1C1', 'R1C2', 'R5C1', 'R9C1', 'R2C1', 'R2C2', 'R3C1']), 'hhssfhf');
      t.ok((await sale.wholeMap()).agree);
      t.match(await sale.hold('alice', ['R4C1', 'R4C2', 'R4C3']), { outcome: 'limit-reached' });
      t.match(await sale.hold('carol', ['R4C1', 'R4C2', 'R4C3']), { outcome: 'limit-reached' });
      t.equal(await sale.commit('alice', ['R1C1', 'R1C2']), 'committing');
      await sale.sell('bob', ['R5C1'], 'order-bob');
      await sale.giveBack('order-carol', ['R9C1', 'R9C2']);
      t.match(
        await sale.hold('carol', ['R4C1', 'R4C2', 'R4C3', 'R4C4']),
        held,
        'what was returned counts no more',
      );
    });

    t.test('restored in full working order, the cap of those who bought counts once', async (t) => {
      const sale = await inventoryUnderTest(t, engines, redis);
      await sale.hold('alice', ['R1C1', 'R1C2']);
      await sale.commit('alice', ['R1C1', 'R1C2']);
      await sale.sell('alice', ['R1C1', 'R1C2'], 'order-1');
      sale.tickets.push(
        ...['R1C1', 'R1C2'].map((seatId) => ({ seatId, userId: 'alice', orderId: 'order-1' })),
      );
      // Redis is whole: an operator asked for it. The buyer's key has entries of its own.
      await sale.inventory.rebuild(sale.published, sale.saleId);
      t.equal(await sale.lettersOf(['R1C1', 'R1C2', 'R1C3']), 'ssf');
      t.match(await sale.hold('alice', ['R2C1', 'R2C2']), held);
      t.match(await sale.hold('alice', ['R2C3']), { outcome: 'limit-reached' });
      await sale.giveBack('order-1', ['R1C1', 'R1C2']);
      t.match(await sale.hold('alice', ['R2C3', 'R2C4']), held);
    });
  });
}

const single = redisOf(engines, 'single');

t.test('the same keys on another server process are not trusted', async (t) => {
  const server = await privateRedis(t);
  const client = () => createRedis({ url: server.url, cluster: false }, pino({ level: 'silent' }));
  const sale = await inventoryUnderTest(t, engines, client);
  await sale.hold('alice', ['R1C1']);
  const header = `{${sale.saleId}#0}:section:0:header`;
  await sale.redis.set(
    rebuildLeaseKey(sale.saleId, await readMasters(sale.redis)),
    'of a replica that ended',
  );
  const dump = await Promise.all(
    (await sale.redis.keys(`{${sale.saleId}*`)).map(
      async (key) => [key, (await sale.redis.callBuffer('DUMP', key)) as Buffer] as const,
    ),
  );
  await server.kill();
  await t.rejects(sale.hold('bob', ['R1C1']), { code: 'cache_unavailable', status: 503 });
  await server.start();
  await until(async () => (await sale.redis.ping().catch(() => '')) === 'PONG', 'connected again');
  for (const [key, value] of dump) await sale.redis.restore(key, 0, value);
  t.ok(await sale.redis.exists(header), 'a replica that was promoted has the keys');
  await t.rejects(sale.hold('bob', ['R1C2']), { code: 'rebuilding' });
  await t.rejects(sale.release({ userId: 'alice' }, ['R1C1']), { code: 'rebuilding' });
  t.match(await sale.inventory.rebuild(sale.published, sale.saleId), { outcome: 'published' });
  t.match(await sale.hold('bob', ['R1C1']), { outcome: 'taken' });
  t.match(await sale.hold('bob', ['R1C2']), held);
});

t.test('a master that was a replica for a moment is not trusted with what it brought back', async (t) => {
  const server = await privateRedis(t);
  const client = () => createRedis({ url: server.url, cluster: false }, pino({ level: 'silent' }));
  const sale = await inventoryUnderTest(t, engines, client);
  const dump = await Promise.all(
    (await sale.redis.keys(`{${sale.saleId}*`)).map(
      async (key) => [key, (await sale.redis.callBuffer('DUMP', key)) as Buffer] as const,
    ),
  );
  await sale.hold('alice', ['R1C1']);
  await sale.commit('alice', ['R1C1']);
  // Another had taken over that had not heard of it; this one copied that, and was promoted again. It never ended.
  await sale.redis.replicaof('127.0.0.1', 1);
  await sale.redis.replicaof('NO', 'ONE');
  for (const [key, value] of dump) await sale.redis.restore(key, 0, value, 'REPLACE');
  await t.rejects(sale.hold('bob', ['R1C1']), { code: 'rebuilding' });
  t.notOk(await sale.inventory.isWhole(sale.published, sale.saleId));
  t.match(await sale.inventory.rebuild(sale.published, sale.saleId), { outcome: 'published' });
  t.match(await sale.hold('bob', ['R1C1']), { outcome: 'taken' });
});

t.test('DynamoDB away: 503, the seat is free again and nothing counts', async (t) => {
  let away = false;
  const sale = await inventoryUnderTest(t, engines, single);
  const replica = sale.replica({
    dynamodb: intercepted(sale.dynamodb, (_, forward) =>
      away ? Promise.reject(new Error('connect ECONNREFUSED')) : forward(),
    ),
  });
  t.match(await sale.hold('alice', ['R1C1'], { inventory: replica }), held);
  away = true;
  for (let attempt = 0; attempt < 3; attempt++) {
    await t.rejects(sale.hold('bob', ['R1C2', 'R1C3', 'R1C4', 'R1C5'], { inventory: replica }), {
      code: 'unavailable',
      status: 503,
    });
  }
  t.equal(await sale.lettersOf(['R1C1', 'R1C2', 'R1C3', 'R1C4', 'R1C5']), 'hffff');
  away = false;
  t.match(await sale.hold('bob', ['R1C2', 'R1C3', 'R1C4', 'R1C5'], { inventory: replica }), held);
  await replica.drain();
});

t.test('what DynamoDB leaves unprocessed is sent again', async (t) => {
  const sale = await inventoryUnderTest(t, engines, single);
  let throttled = 0;
  const replica = sale.replica({
    dynamodb: intercepted(sale.dynamodb, async (command, forward) => {
      if (command instanceof BatchWriteItemCommand && throttled < 2) {
        throttled++;
        return { UnprocessedItems: command.input.RequestItems };
      }
      return forward();
    }),
  });
  t.match(await sale.hold('alice', ['R1C1'], { inventory: replica }), held);
  t.equal(throttled, 2);
  const items = await readLockItems(
    sale.dynamodb,
    sale.lockTable,
    sale.saleId,
    sale.published.seatMap.sections[0]!,
  );
  t.match(items, [{ state: 'held', seatIds: ['R1C1'], owner: 'alice' }]);
  await replica.drain();
});

t.test('a hold whose lock item is written while the sale is rebuilt is not acknowledged', async (t) => {
  const sale = await inventoryUnderTest(t, engines, single);
  let rebuilt: Promise<unknown> | undefined;
  const replica = sale.replica({
    dynamodb: intercepted(sale.dynamodb, async (command, forward) => {
      if (command instanceof BatchWriteItemCommand && !rebuilt) {
        rebuilt = sale.inventory.rebuild(sale.published, sale.saleId);
        await rebuilt;
      }
      return forward();
    }),
  });
  await t.rejects(sale.hold('slow', ['R1C1'], { inventory: replica }), { code: 'rebuilding' });
  await replica.drain();
  t.equal(await sale.lettersOf(['R1C1']), 'f');
  t.match(await sale.hold('bob', ['R1C1']), held, 'by a process that had not heard of the new epoch');
  t.match(await sale.hold('slow', ['R1C2'], { inventory: replica }), held, 'and by the one that has');
});

t.test('a late write of an older state does not bring it back', async (t) => {
  const sale = await inventoryUnderTest(t, engines, single, { event: { holdTtlMs: 1500 } });
  const writes: (() => Promise<unknown>)[] = [];
  const replica = sale.replica({
    dynamodb: intercepted(sale.dynamodb, async (command, forward) => {
      if (command instanceof BatchWriteItemCommand) {
        writes.push(() => sale.dynamodb.send(new BatchWriteItemCommand(command.input)));
      }
      return forward();
    }),
  });
  const answer = await sale.hold('alice', ['R1C1'], { inventory: replica });
  if (answer.outcome !== 'held') return t.fail(answer.outcome);
  t.equal(await sale.commit('alice', ['R1C1'], 'intent-1', replica), 'committing');
  t.equal(writes.length, 2);
  await writes[0]!();
  await until(async () => sale.clock.nowMs() > answer.expiresAtMs + 50, 'the hold would have lapsed');
  await sale.forgetSale();
  await sale.inventory.ensureSale(sale.published, sale.saleId);
  t.equal(await sale.lettersOf(['R1C1']), 'h', 'still committing');
  t.match(await sale.hold('bob', ['R1C1']), { outcome: 'taken' });
  await sale.free('alice', ['R1C1']);
  await Promise.all(writes.map((write) => write()));
  await sale.forgetSale();
  await sale.inventory.ensureSale(sale.published, sale.saleId);
  t.equal(await sale.lettersOf(['R1C1']), 'f', 'ended for good');
});

t.test('one half of a split hold is not lost with what becomes of the other', async (t) => {
  const sale = await inventoryUnderTest(t, engines, single);
  const writes: (() => Promise<unknown>)[] = [];
  let late = false;
  const replica = sale.replica({
    dynamodb: intercepted(sale.dynamodb, async (command, forward) => {
      if (!late || !(command instanceof BatchWriteItemCommand)) return forward();
      writes.push(() => sale.dynamodb.send(new BatchWriteItemCommand(command.input)));
      throw Object.assign(new Error('given up'), { name: 'TimeoutError' });
    }),
  });
  const rebuilt = async () => {
    await Promise.all([replica.drain(), sale.inventory.drain()]);
    await sale.forgetSale();
    await sale.inventory.ensureSale(sale.published, sale.saleId);
  };

  await sale.hold('alice', ['R1C1', 'R1C2']);
  await sale.hold('bob', ['R5C1']);
  t.equal(await sale.commit('alice', ['R1C1', 'R5C1']), 'not-held', 'it was split and is held again');
  t.equal(await sale.release({ userId: 'alice' }, ['R1C2']), true);
  await rebuilt();
  t.equal(await sale.lettersOf(['R1C1', 'R1C2', 'R5C1']), 'hfh');
  t.equal(await sale.holderOf('R1C1'), 'h alice');

  await sale.hold('carol', ['R2C1', 'R2C2']);
  late = true;
  await t.rejects(sale.commit('carol', ['R2C1'], 'intent-carol', replica), { code: 'unavailable' });
  late = false;
  t.equal(await sale.release({ userId: 'carol' }, ['R2C2']), true);
  await rebuilt();
  t.equal(await sale.holderOf('R2C1'), 'h carol', 'her commit was not accepted, so she holds it');
  t.equal(await sale.lettersOf(['R2C2']), 'f');
  t.equal(await sale.release({ userId: 'carol' }, ['R2C1']), true);
  sale.endedIntents.add('intent-carol');
  for (const write of writes) await write();
  await rebuilt();
  t.equal(await sale.lettersOf(['R2C1']), 'f', 'nor does its late write bring a rejected commit back');
});

t.test('a hold that was refused is not brought back by its late write', async (t) => {
  const sale = await inventoryUnderTest(t, engines, single);
  let write: (() => Promise<unknown>) | undefined;
  const replica = sale.replica({
    dynamodb: intercepted(sale.dynamodb, async (command, forward) => {
      if (write || !(command instanceof BatchWriteItemCommand)) return forward();
      write = () => sale.dynamodb.send(new BatchWriteItemCommand(command.input));
      throw Object.assign(new Error('given up'), { name: 'TimeoutError' });
    }),
  });
  await t.rejects(sale.hold('alice', ['R1C1'], { inventory: replica }), { code: 'unavailable' });
  await replica.drain();
  await write!();
  await sale.forgetSale();
  await sale.inventory.ensureSale(sale.published, sale.saleId);
  t.equal(await sale.lettersOf(['R1C1']), 'f');
});

t.test('two rebuilds at once and a slow one behind: the later epoch stands', async (t) => {
  const sale = await inventoryUnderTest(t, engines, single);
  await sale.hold('alice', ['R1C1']);
  let open!: () => void;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const slow = sale.replica({ readTickets: async () => (await gate, []) });
  const first = slow.rebuild(sale.published, sale.saleId);
  const lease = rebuildLeaseKey(sale.saleId, await readMasters(sale.redis));
  await until(async () => (await sale.redis.exists(lease)) === 1, 'the slow one has begun');
  t.match(await sale.inventory.rebuild(sale.published, sale.saleId), { outcome: 'elsewhere' });
  // Its lease runs out.
  await sale.redis.del(lease);
  t.match(await sale.inventory.rebuild(sale.published, sale.saleId), { outcome: 'published', held: 1 });
  t.match(await sale.hold('bob', ['R1C2']), held);
  open();
  await first;
  t.equal(await sale.lettersOf(['R1C1', 'R1C2']), 'hh', 'the slow one published nothing');
  t.match(await sale.hold('carol', ['R1C2']), { outcome: 'taken' });
});

t.test(
  'with the breaker a sale goes on without lock items, and a rebuild then blocks what it cannot know',
  async (t) => {
    const sale = await inventoryUnderTest(t, engines, single, { event: { holdTtlMs: 3000, perBuyer: 50 } });
    let away = false;
    const store = breakerStore();
    const slowClock = { nowMs: () => sale.clock.nowMs() - breakerLeaseMs + 3000, doubtMs: () => 0 };
    const create = (enabled: boolean) =>
      sale.replica({
        // Behind, so that what it may go on by is over soon after.
        clock: enabled ? slowClock : sale.clock,
        breaker: { enabled, store },
        dynamodb: intercepted(sale.dynamodb, (_, forward) =>
          away ? Promise.reject(new Error('connect ECONNREFUSED')) : forward(),
        ),
      });
    const [goesOn, stops] = [create(true), create(false)];
    t.match(await sale.hold('alice', ['R1C1'], { inventory: goesOn }), held);
    t.match(await sale.hold('alice', ['R1C2'], { inventory: stops }), held);
    t.equal(
      await sale.commit('alice', ['R1C1', 'R1C2']),
      'committing',
      'so that it does not lapse meanwhile',
    );
    away = true;
    for (let attempt = 0; attempt < 25; attempt++) {
      await t.rejects(sale.hold('ben', ['R2C2'], { inventory: stops }), { code: 'unavailable' });
    }
    const open = async () => {
      const answer = await sale.hold('bob', ['R2C1'], { inventory: goesOn }).catch(() => undefined);
      return answer?.outcome === 'held';
    };
    await t.rejects(sale.hold('ben', ['R2C2'], { inventory: goesOn }), { code: 'unavailable' });
    await until(open, 'the breaker opens', 30_000);
    t.equal(await sale.commit('bob', ['R2C1'], 'intent-bob', goesOn), 'committing');
    away = false;
    await sale.forgetSale();
    t.match(await stops.rebuild(sale.published, sale.saleId), { outcome: 'published', held: 2 });
    t.equal(await sale.lettersOf(['R1C1', 'R1C2', 'R2C1', 'R2C2']), 'hhbb');
    t.ok((await sale.wholeMap()).agree);
    t.match(await sale.hold('carol', ['R2C1']), { outcome: 'taken' });
    await until(async () => (await sale.hold('carol', ['R2C1'])).outcome === 'held', 'unblocked', 30_000);
    t.ok((await sale.wholeMap()).agree);
    await Promise.all([goesOn.drain(), stops.drain()]);
  },
);

t.test(
  'a process that is cut off gives out nothing without lock items once the sale was rebuilt',
  async (t) => {
    const store = breakerStore();
    // Its server is master no more, which it does not know; DynamoDB it cannot reach.
    let away = false;
    let aheadMs = 0;
    const old = await inventoryUnderTest(t, engines, single, {
      event: { perBuyer: 50 },
      deps: {
        breaker: { enabled: true, store },
        clock: { nowMs: () => Date.now() + aheadMs, doubtMs: () => 0 },
      },
      between: (dynamodb) =>
        intercepted(dynamodb, (_, forward) =>
          away ? Promise.reject(new Error('connect ECONNREFUSED')) : forward(),
        ),
    });
    away = true;
    const open = async () => {
      const answer = await old.hold('alice', ['R1C1']).catch(() => undefined);
      return answer?.outcome === 'held';
    };
    await until(open, 'the breaker opens', 30_000);
    await store.supersede(old.saleId, 2);
    aheadMs = breakerLeaseMs;
    await t.rejects(old.hold('alice', ['R1C2']), { code: 'rebuilding' });
    t.equal(await old.lettersOf(['R1C2']), 'f');
    await old.inventory.drain();
  },
);

t.test(
  'the keeper makes sales ready, restores lost ones and reaps; one of three replicas does each',
  async (t) => {
    const sale = await inventoryUnderTest(t, engines, single, { ensure: false, event: { holdTtlMs: 1000 } });
    const calls = { rebuild: 0, reap: 0 };
    const keepers = Array.from({ length: 3 }, () =>
      createInventoryKeeper({
        catalogue: { find: async () => sale.published, list: async () => [sale.published] },
        inventory: {
          isWhole: (...args) => sale.inventory.isWhole(...args),
          rebuild: (...args) => (calls.rebuild++, sale.inventory.rebuild(...args)),
          reapLapsed: (...args) => (calls.reap++, sale.inventory.reapLapsed(...args)),
        },
        redis: sale.redis,
        clock: sale.clock,
        logger: pino({ level: 'silent' }),
        registry: new Registry(),
      }),
    );
    for (const keeper of keepers) keeper.start();
    t.teardown(() => Promise.all(keepers.map((keeper) => keeper.stop())));
    await until(() => sale.inventory.isWhole(sale.published, sale.saleId), 'the sale is ready');
    t.equal(calls.rebuild, 1);
    await sale.hold('alice', ['R1C1']);
    await until(async () => (await sale.lettersOf(['R1C1'])) === 'f', 'the lapsed hold is reaped');
    await sale.inventory.drain();
    const [items] = await Promise.all([
      readLockItems(sale.dynamodb, sale.lockTable, sale.saleId, sale.published.seatMap.sections[0]!),
    ]);
    t.same(items, [], 'and its lock item is gone');
    await sale.hold('bob', ['R1C2']);
    await sale.commit('bob', ['R1C2']);
    await sale.forgetSale();
    await until(() => sale.inventory.isWhole(sale.published, sale.saleId), 'the sale is restored');
    t.equal(await sale.lettersOf(['R1C2']), 'h');
    t.ok(calls.rebuild <= 3);
  },
);

t.test('a hold given up after a lost answer is given back', async (t) => {
  const sale = await inventoryUnderTest(t, engines, single);
  const holdId = createHoldId(0);
  const lossy = new Proxy(sale.redis, {
    get(target, property) {
      const value = Reflect.get(target, property) as unknown;
      if (typeof value !== 'function') return value;
      const call = value.bind(target) as (...args: unknown[]) => Promise<unknown>;
      if (property !== 'sendCommand' && property !== 'eval') return call;
      return async (...args: unknown[]) => {
        const answer = await call(...args);
        const sent = args.flatMap((arg) => (arg instanceof Command ? arg.args : arg));
        if (sent.includes(holdId) && sent.length > 14) throw new Error('Connection is closed.');
        return answer;
      };
    },
  });
  const replica = sale.replica({ redis: lossy });
  await t.rejects(sale.hold('alice', ['R1C1'], { inventory: replica, holdId }), {
    code: 'cache_unavailable',
  });
  await replica.drain();
  t.equal(await sale.lettersOf(['R1C1']), 'f');
  t.match(await sale.hold('alice', ['R1C1', 'R1C2', 'R1C3', 'R1C4']), held);
});
