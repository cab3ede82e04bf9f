import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { verifyDraw } from './draw-verify.ts';
import { startRoomTestBed, until, type TestProcess } from './room-test-bed.ts';
import { servingNumber } from './serving.ts';
import type { Entered } from './waiting-room.ts';

// Mostly waiting; on a busy machine the engines alone may take long to start.
t.setTimeout(300_000);

for (const kind of ['redis', 'redisCluster'] as const) {
  t.test(`the opening second, on ${kind}`, async (t) => {
    const bed = await startRoomTestBed(t, kind);
    // One process's clock is behind: the server has to tell it that its indexes are too old.
    const processes = await Promise.all([
      bed.startProcess(),
      bed.startProcess(),
      bed.startProcess({ lagMs: 150 }),
    ]);
    const { published, sale } = bed.putOn({ opensInMs: 2500 });
    await processes[0].room.ensureRoom(published, sale);

    const entered: Entered[] = [];
    let number = 0;
    const keepEntering = async ({ room, clock }: TestProcess) => {
      const work: Promise<void>[] = [];
      // The lagging process too goes by its own clock: it stops 150 ms after the others.
      while (clock.nowMs() < sale.opensAtMs + 400) {
        if (clock.nowMs() > sale.opensAtMs - 400) {
          for (let burst = 0; burst < 4; burst++) {
            const userId = `buyer-${number++}`;
            work.push(
              room.enter({ published, sale, userId }).then((one) => {
                entered.push(one);
              }),
            );
          }
        }
        await delay(4);
      }
      await Promise.all(work);
    };
    await Promise.all(processes.map(keepEntering));

    const records = await until(async () => {
      const all = await Promise.all(processes.map(({ room }) => room.roomRecord(published, sale)));
      return all.every(({ draw }) => draw.cohort !== null) && all;
    });
    const { draw } = records[0]!;
    const cohort = draw.cohort!;

    await t.test('is sealed once, and everybody knows the same cohort and seed', async (t) => {
      t.equal(new Set(records.map((record) => JSON.stringify(record.draw))).size, 1);
      const seals = await Promise.all(processes.map(({ count }) => count('onsale_room_seals_total')));
      t.equal(
        seals.reduce((sum, one) => sum + one),
        1,
      );
      const { rows } = await until(async () => {
        const found = await processes[0].pool.query(
          `select cohort, seed_hash, sealed_at from waiting_rooms where sale_id = $1 and cohort is not null`,
          [sale.saleId],
        );
        return found.rows.length === 1 && found;
      });
      t.match(rows[0], { cohort, seed_hash: draw.seedHash });
      const lateMs = (rows[0] as { sealed_at: Date }).sealed_at.getTime() - sale.opensAtMs;
      t.ok(lateMs >= 0 && lateMs < 10_000, `sealed ${lateMs} ms after the opening instant`);
    });

    await t.test('a join index is below N exactly when its place was taken before the opening', async (t) => {
      let early = 0;
      for (const { roomToken, joinIndex } of entered) {
        const isEarly = bed.read(roomToken).takenAtMs < sale.opensAtMs;
        if (isEarly) early++;
        if (isEarly !== joinIndex < cohort) {
          t.fail(
            `index ${joinIndex} of ${cohort} taken at ${bed.read(roomToken).takenAtMs - sale.opensAtMs} ms`,
          );
        }
      }
      t.equal(entered.length, number, 'everybody got in');
      t.ok(early > 50 && entered.length - early > 50, `${early} of ${entered.length} before the opening`);
      t.ok(cohort < 1.6 * early, `${cohort - early} holes in a cohort of ${cohort}`);
    });

    await t.test('places are unique, and anybody can recompute them', async (t) => {
      const verdicts = entered.map(({ joinIndex }) => verifyDraw({ ...draw, joinIndex }));
      const places = new Set(verdicts.map((verdict) => ('place' in verdict ? verdict.place : undefined)));
      t.equal(places.size, entered.length);
      t.notOk(places.has(undefined));
      for (const [index, verdict] of verdicts.entries()) {
        const expected = entered[index]!.joinIndex < cohort ? 'drawn' : 'behind-cohort';
        if (verdict.outcome !== expected) t.fail(`${verdict.outcome} and not ${expected}`);
      }
    });

    await t.test('buyers are admitted in the order drawn', async (t) => {
      const { room, clock } = processes[0];
      await until(() => clock.nowMs() > sale.opensAtMs + 600);
      const serving = () => servingNumber([records[0]!.serving], clock.nowMs());
      const before = serving();
      const standing = entered.map(({ roomToken, joinIndex }) => ({
        place: (verifyDraw({ ...draw, joinIndex }) as { place: number }).place,
        turn: room.verifyTurn(roomToken, published, sale).outcome,
        roomToken,
      }));
      const after = serving();
      for (const { place, turn } of standing) {
        if (turn === 'admitted' ? place > after : place <= before)
          t.fail(`place ${place} is ${turn} at ${before}`);
      }
      t.ok(
        standing.some(({ turn }) => turn === 'admitted') && standing.some(({ turn }) => turn === 'not-yet'),
      );
      const last = standing.reduce((one, other) => (other.place > one.place ? other : one));
      const expectedSec = () => last.place / 100 - (clock.nowMs() - sale.opensAtMs) / 1000;
      const mostSec = expectedSec();
      const status = room.roomStatus(last.roomToken);
      const leastSec = expectedSec();
      t.match(status, { outcome: 'known', ready: false, drawn: true });
      const { leftSec } = status as { leftSec: number };
      t.ok(
        leftSec >= leastSec - 1.1 && leftSec <= mostSec + 1.1,
        `${leftSec} s told, ${leastSec} to ${mostSec} s to go`,
      );
    });

    await t.test('who enters again after the draw has the place from before', async (t) => {
      const again = await processes[1].room.enter({ published, sale, userId: 'buyer-0' });
      t.ok(entered.some(({ roomToken }) => roomToken === again.roomToken));
      t.equal(again.drawn, true);
    });
  });

  t.test(`an opening that is moved, on ${kind}`, async (t) => {
    const bed = await startRoomTestBed(t, kind);
    const { room, clock } = await bed.startProcess();
    const before = bed.putOn({ opensInMs: 600_000 });
    const early = await room.enter({ ...before, userId: 'alice' });
    t.ok(early.leftSec >= 590);
    const opensAtMs = clock.nowMs() + 4000;
    const sale = { kind: 'once' as const, opensAtMs, closesAtMs: opensAtMs + 60_000 };
    const moved = bed.alter(before, { sale });
    await until(async () => room.roomStatus(early.roomToken).outcome === 'known');
    t.equal((await room.roomRecord(moved.published, moved.sale)).draw.cohort, null);
    const record = await until(async () => {
      const now = await room.roomRecord(moved.published, moved.sale);
      return now.draw.cohort !== null && now;
    });
    t.equal(record.draw.cohort, 1);
    t.equal(record.serving.since, opensAtMs);
  });
}
