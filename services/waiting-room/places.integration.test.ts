import t from 'tap';
import { roomKey } from './room-keys.ts';
import { startRoomTestBed, until } from './room-test-bed.ts';

// Mostly waiting; on a busy machine the engines alone may take long to start.
t.setTimeout(300_000);

for (const kind of ['redis', 'redisCluster'] as const) {
  t.test(`places, on ${kind}`, async (t) => {
    const bed = await startRoomTestBed(t, kind);
    const processes = await Promise.all([bed.startProcess(), bed.startProcess(), bed.startProcess()]);
    const [first] = processes;

    await t.test('2,000 enters at once of 1,000 buyers: 1,000 places, each buyer one', async (t) => {
      const { published, sale } = bed.putOn({ opensInMs: 600_000 });
      const buyers = Array.from({ length: 1000 }, (_, index) => `buyer-${index}`);
      // Each buyer with two devices, which reach different processes.
      const enters = [...buyers, ...buyers].map((userId, index) => ({
        userId,
        room: processes[(index + Math.floor(index / 1000)) % 3]!.room,
      }));
      const entered = await Promise.all(
        enters.map(({ userId, room }) => room.enter({ published, sale, userId })),
      );
      const placeOf = new Map<string, number>();
      entered.forEach(({ joinIndex }, index) => {
        const { userId } = enters[index]!;
        const before = placeOf.get(userId) ?? joinIndex;
        if (before !== joinIndex) t.fail(`${userId} has ${before} and ${joinIndex}`);
        placeOf.set(userId, joinIndex);
      });
      t.equal(placeOf.size, 1000);
      t.equal(new Set(placeOf.values()).size, 1000, 'no place twice');
      t.equal(
        new Set(entered.map(({ roomToken }) => roomToken)).size,
        1000,
        'the same place, the same token',
      );
      const highest = Math.max(...placeOf.values());
      // Two devices at the same instant lease one index each; a process that is held up leases a block too many.
      t.ok(highest < 4000, `few holes: highest index ${highest}`);
      t.match(entered[0], { drawn: false, ready: false, position: 0 });

      // Each tells of its own, and may be in the middle of a read that began before the last of them.
      await until(async () => {
        const counts = await Promise.all(processes.map(({ room }) => room.countEntered(published, sale)));
        return Math.max(...counts) >= 1000;
      });
      t.equal(await first.room.countEntered(published, sale), 1000, 'counted once each');
    });

    await t.test('buyers of a quiet sale get 0, 1, 2 …, whoever else comes back in between', async (t) => {
      const { published, sale } = bed.putOn({ opensInMs: 600_000 });
      for (let index = 0; index < 6; index++) {
        const { room } = processes[index % 3]!;
        t.equal((await room.enter({ published, sale, userId: `buyer-${index}` })).joinIndex, index);
        t.equal((await first.room.enter({ published, sale, userId: 'buyer-0' })).joinIndex, 0);
      }
    });

    await t.test('user ids with braces and other odd characters are buyers like others', async (t) => {
      const { published, sale } = bed.putOn({ opensInMs: 600_000 });
      const userIds = ['}', '{', '{}', 'a}b', 'a}c', 'a:b', '{a', '*', '"\\'];
      const enter = (userId: string) => first.room.enter({ published, sale, userId });
      const entered = await Promise.all(userIds.map(enter));
      t.equal(new Set(entered.map(({ joinIndex }) => joinIndex)).size, userIds.length);
      t.same(
        (await Promise.all(userIds.map(enter))).map(({ joinIndex }) => joinIndex),
        entered.map(({ joinIndex }) => joinIndex),
      );
    });

    await t.test('the same buyer has a place of each sale', async (t) => {
      const one = bed.putOn({ opensInMs: 600_000 });
      const other = bed.putOn({ opensInMs: 600_000 });
      await first.room.enter({ ...one, userId: 'bob' });
      const ofOne = await first.room.enter({ ...one, userId: 'alice' });
      const ofOther = await first.room.enter({ ...other, userId: 'alice' });
      t.same([ofOne.joinIndex, ofOther.joinIndex], [1, 0]);
      t.equal(first.room.verifyTurn(ofOne.roomToken, other.published, other.sale).outcome, 'invalid');
    });

    await t.test(
      'a place that lapsed unused is given up, and the next enter gets one at the back',
      async (t) => {
        const { published, sale } = bed.putOn({ opensInMs: 600_000 });
        const enter = async (userId: string) =>
          (await first.room.enter({ published, sale, userId })).joinIndex;
        const joinIndex = await enter('alice');
        await enter('bob');
        t.equal(await first.room.lapsePlace(sale, { userId: 'alice', joinIndex }), true);
        t.equal(await first.room.lapsePlace(sale, { userId: 'alice', joinIndex }), false);
        t.equal(await enter('alice'), 2);
        t.equal(
          await first.room.lapsePlace(sale, { userId: 'alice', joinIndex }),
          false,
          'the new place stays',
        );
        t.equal(await enter('alice'), 2);
      },
    );

    await t.test('an open room that is empty admits at once, a later rush is metered', async (t) => {
      const { published, sale } = bed.putOn(
        { opensInMs: -1000 },
        { waitingRoom: { opensBeforeMs: 0, ratePerSecond: 20, maxActive: 10_000 } },
      );
      const enter = (userId: string) => first.room.enter({ published, sale, userId });
      await enter('alice');
      // As if the sale had been open for a minute already, and 1,200 turns unused.
      const opening = { base: 0, since: first.clock.nowMs() - 60_000, rate: 20 };
      const key = roomKey(sale.saleId);
      await first.redis.hset(key, { version: '50', serving: JSON.stringify([opening]) });
      await until(async () => (await first.room.roomRecord(published, sale)).serving.since === opening.since);
      t.match(await enter('bob'), { ready: true, drawn: true, position: 0, leftSec: 0 });

      const rushedAtMs = performance.now();
      const rush = await Promise.all(Array.from({ length: 200 }, (_, index) => enter(`rush-${index}`)));
      const admitted = rush.filter(({ ready }) => ready).length;
      const seconds = (performance.now() - rushedAtMs) / 1000;
      t.ok(
        admitted >= 15 && admitted < Math.min(60 + 20 * seconds, 200),
        `${admitted} of 200 within ${seconds} s, at 20 a second`,
      );
      t.ok(
        rush.some(({ leftSec }) => leftSec >= 6 - seconds),
        'the last one waits for all the others',
      );
    });
  });
}
