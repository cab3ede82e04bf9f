import t from 'tap';
import { JoinIndexes } from './join-indexes.ts';

/** A counter and clocks to turn by hand. */
function fixture({ opensAtMs = 0 } = {}) {
  let next = 0;
  const leases: number[] = [];
  const time = { nowMs: 0, monotonicMs: 1000, failing: false };
  const indexes = new JoinIndexes({
    nowMs: () => time.nowMs,
    monotonicMs: () => time.monotonicMs,
    async lease(count) {
      await new Promise(setImmediate);
      if (time.failing) throw new Error('away');
      leases.push(count);
      const first = next;
      next += count;
      return { first, givenBeforeMs: time.nowMs < opensAtMs ? opensAtMs : 0 };
    },
  });
  const take = async () => (await indexes.take()).index;
  return { indexes, take, leases, time };
}

t.test('one buyer at a time leases one index at a time', async (t) => {
  const { take, leases, time } = fixture();
  for (const expected of [0, 1, 2]) {
    t.equal(await take(), expected);
    time.monotonicMs += 500;
  }
  t.same(leases, [1, 1, 1]);
});

t.test('who waits in the same turn shares a lease, and all get different indexes', async (t) => {
  const { take, leases } = fixture();
  const taken = await Promise.all(Array.from({ length: 50 }, take));
  t.same(
    taken,
    Array.from({ length: 50 }, (_, index) => index),
  );
  t.same(leases, [50]);
});

t.test('under load a block lasts about as long as the last tenth of a second', async (t) => {
  const { take, leases, time } = fixture();
  for (let tick = 0; tick < 100; tick++) {
    for (let buyer = 0; buyer < 10; buyer++) await take();
    time.monotonicMs += 10;
  }
  const later = leases.slice(-3);
  t.ok(
    later.every((count) => count >= 50 && count <= 200),
    `blocks of ${later.join()}`,
  );
  t.ok(leases.length < 60, `${leases.length} leases for 1,000 buyers`);
  t.ok(leases.reduce((sum, count) => sum + count) < 1300, 'few are left over');
});

t.test('an unused index goes to the next buyer, also to one already waiting', async (t) => {
  const { indexes, take, time } = fixture();
  const first = await indexes.take();
  indexes.giveBack(first);
  t.equal(await take(), 0);
  time.monotonicMs += 250;
  const second = await indexes.take();
  t.equal(second.index, 1);
  time.monotonicMs += 250;
  const waiting = take();
  indexes.giveBack(second);
  t.equal(await waiting, 1);
});

t.test('who enters again and again does not drive up the demand', async (t) => {
  const { indexes, leases } = fixture();
  for (let again = 0; again < 100; again++) indexes.giveBack(await indexes.take());
  t.same(leases, [1]);
});

t.test('before the opening nothing is dropped, from it on everything leased before', async (t) => {
  const { indexes, take, time } = fixture({ opensAtMs: 10_000 });
  indexes.giveBack(await indexes.take());
  time.monotonicMs += 9000;
  time.nowMs = 9999;
  t.equal(await take(), 0, 'however old');
  indexes.giveBack({ index: 0, givenBeforeMs: 10_000, leasedAtMs: 0 });
  time.nowMs = 10_000;
  t.equal(await take(), 1);
  indexes.giveBack({ index: 0, givenBeforeMs: 20_000, leasedAtMs: time.monotonicMs });
  indexes.dropEarly();
  t.equal(await take(), 2, 'also where the opening was moved closer');
});

t.test('after the opening what is left over from a rush is dropped', async (t) => {
  const { indexes, take, time } = fixture();
  const leftOver = await indexes.take();
  indexes.giveBack(leftOver);
  time.monotonicMs += 1000;
  t.equal(await take(), 1);
});

t.test('it is idle only when a buyer would have to wait for a lease alone', async (t) => {
  const { indexes, take, time } = fixture();
  t.equal(indexes.idle, true);
  const waiting = take();
  t.equal(indexes.idle, false, 'somebody waits');
  await waiting;
  t.equal(indexes.idle, true, 'one buyer is no rush');
  await Promise.all(Array.from({ length: 9 }, take));
  t.equal(await take(), 10, 'the block was for one more than waited');
  time.monotonicMs += 150;
  t.equal(indexes.idle, false, 'there was one just now');
  time.monotonicMs += 250;
  t.equal(indexes.idle, true);
  indexes.giveBack({ index: 99, givenBeforeMs: 0, leasedAtMs: time.monotonicMs });
  t.equal(indexes.idle, false, 'there is one to give');
});

t.test('a failed lease fails those who waited for it, and the next one works', async (t) => {
  const { indexes, take, time } = fixture();
  time.failing = true;
  const results = await Promise.allSettled([indexes.take(), indexes.take()]);
  t.ok(results.every(({ status }) => status === 'rejected'));
  time.failing = false;
  t.equal(await take(), 0);
});
