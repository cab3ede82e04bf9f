import t from 'tap';
import { startRoomTestBed, until } from './room-test-bed.ts';
import { restoredLeadMs, servingNumber } from './serving.ts';

// Each change takes two and a half seconds to take effect.
t.setTimeout(300_000);
const fast = { opensBeforeMs: 1_800_000, ratePerSecond: 50, maxActive: 10_000 };

t.test(`changes of the rate`, async (t) => {
  const bed = await startRoomTestBed(t, 'redis');
  const processes = await Promise.all([bed.startProcess(), bed.startProcess()]);
  const [{ room, clock }, { room: otherRoom }] = processes;

  await t.test(
    'pause, rate and resume take effect seconds later, for everybody, and never backwards',
    async (t) => {
      const { published, sale } = bed.putOn({ opensInMs: -1000 }, { waitingRoom: fast });
      await room.ensureRoom(published, sale);
      const seen: { atMs: number; number: number }[] = [];
      const look = async (one: typeof room) => {
        const { now, serving, next } = await one.roomRecord(published, sale);
        seen.push({ atMs: now, number: servingNumber(next ? [serving, next] : [serving], now) });
        return { now, serving, next };
      };
      const changing = async (change: Parameters<typeof room.changeRate>[2], rate: number) => {
        const askedMs = clock.nowMs();
        const changed = await room.changeRate(published, sale, change);
        t.equal(changed.ratePerSecond, rate);
        t.ok(changed.effectiveAtMs >= askedMs + 2000, `${changed.effectiveAtMs - askedMs} ms later`);
        for (const one of [room, otherRoom]) {
          await until(async () => {
            const { now, serving } = await look(one);
            return now >= changed.effectiveAtMs && serving.rate === rate;
          });
        }
      };
      await changing({ action: 'pause' }, 0);
      const frozen = (await look(otherRoom)).serving.base;
      const late = await room.enter({ published, sale, userId: 'late' });
      t.equal(late.ready, false, 'nobody new is let in while paused');
      await changing({ action: 'rate', ratePerSecond: 7.5 }, 7.5);
      t.equal((await look(room)).serving.base, frozen, 'it goes on from where it stood');
      await until(() => room.verifyTurn(late.roomToken, published, sale).outcome === 'admitted');
      await changing({ action: 'resume' }, 50);
      seen.sort((a, b) => a.atMs - b.atMs || a.number - b.number);
      t.ok(seen.every(({ number }, index) => index === 0 || number >= seen[index - 1]!.number));
      await t.rejects(room.changeRate(published, sale, { action: 'rate', ratePerSecond: -1 }), {
        code: 'bad_request',
      });
    },
  );

  await t.test('after Redis was lost a change is announced further ahead', async (t) => {
    const sale = bed.putOn({ opensInMs: -1000 }, { waitingRoom: fast });
    const { published, sale: window } = sale;
    await room.ensureRoom(published, window);
    await bed.emptyRedis(sale, []);
    const askedMs = clock.nowMs();
    const { effectiveAtMs } = await room.changeRate(published, window, { action: 'pause' });
    const { next } = await room.roomRecord(published, window);
    t.equal(next?.since, effectiveAtMs);
    t.ok(
      effectiveAtMs >= askedMs + restoredLeadMs,
      'who still hangs on the server before hears of it in time',
    );
  });

  await t.test('of changes at the same time one is announced, and never taken back', async (t) => {
    const { published, sale } = bed.putOn({ opensInMs: -1000 }, { waitingRoom: fast });
    await Promise.all([room.ensureRoom(published, sale), otherRoom.ensureRoom(published, sale)]);
    const announced = await Promise.all(
      [10, 20, 30, 40].map(async (ratePerSecond, index) => {
        const one = index % 2 === 0 ? room : otherRoom;
        await one.changeRate(published, sale, { action: 'rate', ratePerSecond });
        return (await one.roomRecord(published, sale)).next;
      }),
    );
    t.ok(announced[0]);
    t.equal(new Set(announced.map((next) => JSON.stringify(next))).size, 1, JSON.stringify(announced));
  });
});

t.test('an event that is suspended', async (t) => {
  const bed = await startRoomTestBed(t, 'redis');
  const { room } = await bed.startProcess();

  await t.test('suspending the event stops admission, until it goes on', async (t) => {
    const open = bed.putOn({ opensInMs: -1000 }, { waitingRoom: fast });
    await room.ensureRoom(open.published, open.sale);
    const suspended = bed.alter(open, { suspend: true });
    const rateOf = async (sale: typeof open) =>
      (await room.roomRecord(sale.published, sale.sale)).serving.rate;
    t.equal(await until(async () => (await rateOf(suspended)) === 0), true);
    const resumed = bed.alter(suspended, { suspend: false });
    t.equal(await until(async () => (await rateOf(resumed)) === 50), true);
  });

  await t.test('an event that is suspended over its opening admits nobody yet', async (t) => {
    const closed = bed.putOn({ opensInMs: 700 }, { waitingRoom: fast, suspend: true });
    const alice = await room.enter({ ...closed, userId: 'alice' });
    await until(async () => (await room.roomRecord(closed.published, closed.sale)).draw.cohort !== null);
    t.equal(room.verifyTurn(alice.roomToken, closed.published, closed.sale).outcome, 'not-yet');
    const opened = bed.alter(closed, { suspend: false });
    await until(() => room.verifyTurn(alice.roomToken, opened.published, opened.sale).outcome === 'admitted');
  });
});
