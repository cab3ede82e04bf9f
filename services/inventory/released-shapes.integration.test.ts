import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { testEngines } from '@onsale/local/test-engines';
import t from 'tap';
import { inventoryUnderTest, redisOf } from './inventory-fixture.ts';
import { buyerCapsKey, capBucketOf, sectionKeys } from './inventory-keys.ts';
import { lockKey, marshallLockItem, unmarshallLockItem, type LockItem } from './lock-item.ts';

t.setTimeout(120_000);

// Through a rollout and after a rollback two versions work on the same items and keys. What stands here is as version 0.1.0
// wrote and read it; it changes only once nobody rolls back to that version any more.

const section = { id: 'A', rows: 4, seatsPerRow: 10, priceMinor: 1000, firstRow: 1, seatCount: 40 };
const message = {
  type: 'COMMIT_ORDER',
  payload: { intentId: 'pi_1', eventId: 'event-0001', seatIds: ['R1C1', 'R1C2'], userId: 'alice' },
  idem: 'commit-0001',
} as const;

const releasedItems: readonly [LockItem, Record<string, AttributeValue>][] = [
  [
    {
      holdId: 'AA0123456789abcdef',
      state: 'held',
      seatIds: ['R1C1', 'R1C2'],
      owner: 'alice',
      fence: 4294967297,
      expiresAtMs: 1_790_000_000_500,
    },
    {
      pk: { S: 'event-0001.0#A#0' },
      sk: { S: 'AA0123456789abcdef' },
      state: { S: 'held' },
      seats: { S: 'R1C1,R1C2' },
      owner: { S: 'alice' },
      fence: { N: '4294967297' },
      expiresAtMs: { N: '1790000000500' },
      ttl: { N: '1790000001' },
    },
  ],
  [
    {
      holdId: 'AA0123456789abcdef',
      state: 'committing',
      seatIds: ['R1C1', 'R1C2'],
      owner: 'alice',
      fence: 4294967298,
      expiresAtMs: 1_790_604_800_000,
      lapsesAtMs: 1_790_000_000_500,
      message: { ...message, payload: { ...message.payload, seatIds: ['R1C1', 'R1C2'] } },
    },
    {
      pk: { S: 'event-0001.0#A#0' },
      sk: { S: 'AA0123456789abcdef#committing' },
      state: { S: 'committing' },
      seats: { S: 'R1C1,R1C2' },
      owner: { S: 'alice' },
      fence: { N: '4294967298' },
      expiresAtMs: { N: '1790604800000' },
      ttl: { N: '1790604800' },
      lapsesAtMs: { N: '1790000000500' },
      message: {
        S: '{"type":"COMMIT_ORDER","payload":{"intentId":"pi_1","eventId":"event-0001","seatIds":["R1C1","R1C2"],"userId":"alice"},"idem":"commit-0001"}',
      },
    },
  ],
  ...(['sold', 'released'] as const).map((state): [LockItem, Record<string, AttributeValue>] => [
    {
      holdId: 'AA0123456789abcdef',
      state,
      seatIds: ['R1C1'],
      owner: 'alice',
      fence: 4294967299,
      expiresAtMs: 1_790_691_200_000,
    },
    {
      pk: { S: 'event-0001.0#A#0' },
      sk: { S: 'AA0123456789abcdef#closed' },
      state: { S: state },
      seats: { S: 'R1C1' },
      owner: { S: 'alice' },
      fence: { N: '4294967299' },
      expiresAtMs: { N: '1790691200000' },
      ttl: { N: '1790691200' },
    },
  ]),
];

t.test('lock items of version 0.1.0 are read, and it can read what is written', (t) => {
  for (const [item, stored] of releasedItems) {
    const { lapsesAtMs, message, ...rest } = item;
    t.same(unmarshallLockItem(stored), { ...rest, lapsesAtMs, message }, `${item.state} is read`);
    const key = lockKey('event-0001.0', section, item.holdId, item.state);
    t.same(marshallLockItem(key, item), stored, `${item.state} is written`);
  }
  t.end();
});

/** As 0.1.0's section.lua takes a hold apart, in JavaScript. */
const releasedHold = /^([hcs]) (\d+) (\d+) (\S+) (\d+(?:,\d+)*) (.*)$/s;
const releasedCaps = /^(?:[^\s;]+ \d+ \d+ \d+;)*$/;

t.test(
  'a section as version 0.1.0 published it is restored, sold on, and left so that it can go on',
  async (t) => {
    const engines = await testEngines(t, { needs: ['redis', 'dynamodb'] });
    const sale = await inventoryUnderTest(t, engines, redisOf(engines, 'single'));
    const { redis, saleId, published } = sale;
    const { live, header } = sectionKeys(saleId, 0, published.seatMap.sections.length);
    const [, seats, holders, holds, lapses, rows] = live;
    const [epoch, masters, expireAtMs] = await Promise.all([
      redis.hget(header, 'epoch'),
      redis.hget(header, 'masters'),
      redis.pexpiretime(header),
    ]);
    const heldUntil = Date.now() + 600_000;
    const fence = Number(epoch) * 2 ** 32;
    const ids = { ann: 'AAann0123456789abc', bob: 'AAbob0123456789abc', cleo: 'AAcleo123456789abc' };
    const atSeat = ['ann', 'ann', 'bob', 'cleo'] as const;
    await redis.del(...live);
    await redis
      .multi()
      // No wheelchair spaces: the first 0.1.0 sections had no such field.
      .hset(header, {
        epoch,
        masters,
        seq: '3',
        version: '7',
        free: '36',
        held: '3',
        sold: '1',
        blocked: '0',
      })
      .hset(header, { updatedAtMs: String(Date.now()), blockedUntilMs: '0', seatsPerRow: '10' })
      .set(seats, `hhhs${'f'.repeat(36)}`)
      .set(holders, atSeat.map((name) => ids[name]).join('') + '\0'.repeat(18 * 36))
      .hset(holds, {
        '-': '-',
        [ids.ann]: `h ${fence + 1} ${heldUntil} ann 0,1 `,
        [ids.bob]: `c ${fence + 2} ${heldUntil} bob 2 pi_bob`,
        [ids.cleo]: `s ${fence + 3} 0 cleo 3 ord_cleo pi_cleo`,
      })
      .zadd(lapses, 'inf', '-', String(heldUntil), ids.ann)
      .set(rows, Buffer.from([128 + 10, 128 + 10, 128 + 10, 128 + 10]))
      .hset(buyerCapsKey(saleId, capBucketOf('ann')), 'ann', `${ids.ann} 2 ${fence + 1} ${heldUntil};`)
      .exec();
    for (const key of live) await redis.pexpireat(key, expireAtMs);

    const runId = /run_id:(\w+)/.exec(await redis.info('server'))![1]!;
    t.ok(masters!.includes(runId), 'which is what 0.1.0 looks for');
    await redis.hset(header, { masters: runId });
    t.equal(await sale.inventory.isWhole(published, saleId), false, 'so that a keeper restores it');
    await t.rejects(sale.hold('dora', ['R1C5']), { code: 'rebuilding' });
    await redis.hset(header, { masters });

    t.equal(await sale.inventory.isWhole(published, saleId), true);
    t.equal(await sale.lettersOf(['R1C1', 'R1C2', 'R1C3', 'R1C4', 'R1C5']), 'hhhsf');
    t.equal((await sale.hold('dora', ['R1C1'])).outcome, 'taken');
    t.equal(
      (await sale.hold('ann', ['R1C6', 'R1C7', 'R1C8'])).outcome,
      'limit-reached',
      'with what 0.1.0 counted',
    );
    t.equal((await sale.hold('dora', ['R1C5'])).outcome, 'held');
    t.equal(await sale.commit('ann', ['R1C1']), 'committing');
    await sale.sell('ann', ['R1C1'], 'ord_ann');
    await sale.sell('bob', ['R1C3'], 'ord_bob');
    await sale.giveBack('ord_cleo', ['R1C4']);
    t.equal(await sale.lettersOf(['R1C1', 'R1C2', 'R1C3', 'R1C4', 'R1C5']), 'shsfh');
    t.equal((await sale.wholeMap()).agree, true);

    for (const [holdId, text] of Object.entries(await redis.hgetall(holds))) {
      if (holdId !== '-') t.match(text, releasedHold, holdId);
      t.ok(holdId === '-' || holdId.length === 18, 'ids are as long as holders counts on');
    }
    for (const buyer of ['ann', 'dora']) {
      t.match(
        await redis.hget(buyerCapsKey(saleId, capBucketOf(buyer)), buyer),
        releasedCaps,
        `the cap of ${buyer}`,
      );
    }
    for (const field of ['seq', 'version', 'free', 'held', 'sold', 'blocked', 'updatedAtMs']) {
      t.match(await redis.hget(header, field), /^\d+$/, field);
    }
  },
);
