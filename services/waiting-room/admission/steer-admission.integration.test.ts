import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { startRoomTestBed, until } from '../room-test-bed.ts';
import { servingNumber } from '../serving.ts';
import { countFinishedBuyers } from './count-finished-buyers.ts';
import { sendHeartbeat } from './pod-heartbeats.ts';

t.setTimeout(300_000);

t.test('admission follows the system, on real Redis', async (t) => {
  const bed = await startRoomTestBed(t, 'redis');
  let seats = { free: 5000, held: 0 };
  const steering = (podName: string) => ({
    podName: bed.uniqueId(podName),
    settings: { p95TargetMs: 500, backlogTargetSeconds: 10 },
    readSeats: async () => seats,
  });
  const processes = [
    await bed.startProcess({ admission: steering('one') }),
    await bed.startProcess({ admission: steering('other') }),
  ] as const;
  const [{ room, redis, clock }, { room: otherRoom }] = processes;
  const beat = (service: string, buyersPerSecond: number, more: object = {}) =>
    sendHeartbeat(redis, `${service}/test`, { service, atMs: clock.nowMs(), buyersPerSecond, ...more });
  let alive = true;
  let podRate = 1000;
  const beating = (async () => {
    while (alive) {
      await beat('public-api', podRate);
      await delay(200);
    }
  })();
  t.teardown(async () => {
    alive = false;
    await beating;
  });

  const { published, sale } = bed.putOn(
    { opensInMs: -1000 },
    { waitingRoom: { opensBeforeMs: 1_800_000, ratePerSecond: 50, maxActive: 10_000 } },
  );
  const seen: { atMs: number; number: number }[] = [];
  const record = async (one: typeof room) => {
    const now = await one.roomRecord(published, sale);
    const pieces = now.next ? [now.serving, now.next] : [now.serving];
    seen.push({ atMs: now.now, number: servingNumber(pieces, now.now) });
    return now;
  };
  const served = (rate: number) =>
    until(async () => {
      const records = await Promise.all([record(room), record(otherRoom)]);
      return records.every(({ serving }) => serving.rate === rate) && records[0];
    }, 60_000);
  const early = await room.enter({ published, sale, userId: 'early' });

  await t.test('one process steers, both show the same', async (t) => {
    t.equal((await served(50))?.admission, 'open');
    const leaders = await until(async () => {
      const leading = await Promise.all(
        processes.map(async ({ registry }) => {
          const { values } = await registry.getSingleMetric('onsale_admission_rate')!.get();
          return values.some(({ labels }) => labels['sale'] === sale.saleId);
        }),
      );
      const count = leading.filter(Boolean).length;
      return count > 0 && count;
    }, 60_000);
    t.equal(leaders, 1);
  });

  await t.test('fewer pods: slower, and everybody is told ahead', async (t) => {
    podRate = 20;
    const announced = await until(async () => {
      const now = await record(otherRoom);
      return now.next?.rate === 20 && now;
    }, 60_000);
    t.ok(announced.next!.since > announced.now, 'before it holds');
    t.equal((await served(20))?.admission, 'slowed');
    t.match(room.roomStatus(early.roomToken), { outcome: 'known', admission: 'slowed' });
  });

  await t.test('seats run out: nobody is admitted, and who waits is told', async (t) => {
    seats = { free: 0, held: 0 };
    t.equal((await served(0))?.admission, 'sold_out');
    const late = await room.enter({ published, sale, userId: 'late' });
    t.match(late, { ready: false, admission: 'sold_out' });
    seats = { free: 4, held: 0 };
    await served(10);
    await until(() => otherRoom.verifyTurn(late.roomToken, published, sale).outcome === 'admitted', 60_000);
    t.pass('and goes on when seats come back');
  });

  await t.test('turns used and tickets sold are counted once, whoever counts', async (t) => {
    for (const one of [room, otherRoom]) one.verifyTurn(early.roomToken, published, sale);
    const sold: string[] = [];
    const holds = countFinishedBuyers(
      {
        async markSold({ userId }: { saleId: typeof sale.saleId; userId: string }) {
          sold.push(userId);
        },
      },
      redis,
    );
    for (let again = 0; again < 3; again++) await holds.markSold({ saleId: sale.saleId, userId: 'early' });
    t.equal(sold.length, 3);
    t.equal(await redis.pfcount(`finished:{${sale.saleId}}`), 1);
    // Early and late: the turn of both was looked at above.
    await until(async () => (await redis.pfcount(`shown:{${sale.saleId}}`)) === 2, 60_000);
  });

  await t.test('a suspended event stays where it is, whatever the pods could serve', async () => {
    seats = { free: 5000, held: 0 };
    podRate = 1000;
    const suspended = bed.alter({ published, sale }, { suspend: true });
    await until(async () => {
      const now = await room.roomRecord(suspended.published, suspended.sale);
      return now.serving.rate === 0 && now.admission === 'paused';
    }, 60_000);
  });

  seen.sort((a, b) => a.atMs - b.atMs || a.number - b.number);
  t.ok(
    seen.every(({ number }, index) => index === 0 || number >= seen[index - 1]!.number),
    'the serving number never went back',
  );
});
