import t from 'tap';
import { saleOfRound, type SaleWindow } from '@onsale/contracts/sale/sale-window';
import { startRoomTestBed, until } from './room-test-bed.ts';

// Mostly waiting; on a busy machine the engines alone may take long to start.
t.setTimeout(300_000);

for (const kind of ['redis', 'redisCluster'] as const) {
  t.test(`admission, on ${kind}`, async (t) => {
    const bed = await startRoomTestBed(t, kind);
    const processes = await Promise.all([bed.startProcess(), bed.startProcess()]);
    const [{ room, clock, pool }, { room: otherRoom }] = processes;
    const fast = { opensBeforeMs: 1_800_000, ratePerSecond: 50, maxActive: 10_000 };

    await t.test('the token opens the door when its turn has come, and to its own sale only', async (t) => {
      const { published, sale } = bed.putOn({ opensInMs: 2500 }, { waitingRoom: fast });
      const alice = await room.enter({ published, sale, userId: 'alice' });
      t.match(room.verifyTurn(alice.roomToken, published, sale), {
        outcome: 'not-yet',
        retryAfterSec: Number,
      });
      const admitted = await until(() => {
        const turn = room.verifyTurn(alice.roomToken, published, sale);
        return turn.outcome === 'admitted' && turn;
      });
      t.same(admitted, { outcome: 'admitted', userId: 'alice', joinIndex: 0, lapsed: false });
      const lateMs = clock.nowMs() - sale.opensAtMs;
      t.ok(lateMs >= 0 && lateMs < 10_000, `admitted ${lateMs} ms after the opening instant`);
      t.match(room.roomStatus(alice.roomToken), { outcome: 'known', ready: true, leftSec: 0, position: 0 });

      t.same(room.verifyTurn(`${alice.roomToken}x`, published, sale), { outcome: 'invalid' });
      t.same(room.verifyTurn('', published, sale), { outcome: 'invalid' });
      const next = saleOfRound(published.event, 1);
      t.same(
        room.verifyTurn(alice.roomToken, published, { ...next, saleId: `${published.event.eventId}.1` }),
        {
          outcome: 'invalid',
        },
      );
    });

    await t.test('the record shows the hash from the room’s opening, the seed from the sale’s', async (t) => {
      const hidden = bed.putOn({ opensInMs: 600_000 }, { waitingRoom: { ...fast, opensBeforeMs: 60_000 } });
      t.match((await room.roomRecord(hidden.published, hidden.sale)).draw, {
        seedHash: '',
        seed: null,
        cohort: null,
      });
      const { published, sale } = bed.putOn({ opensInMs: 2500 }, { waitingRoom: fast });
      t.same(await room.setBeacon(published, sale, 'lottery 4 8 15'), { outcome: 'set' });
      const before = await otherRoom.roomRecord(published, sale);
      t.match(before.draw, {
        seedHash: /^[0-9a-f]{64}$/,
        seed: null,
        cohort: null,
        beacon: 'lottery 4 8 15',
      });
      t.match(before.serving, { base: 0, since: sale.opensAtMs, rate: 50 });
      const after = await until(async () => {
        const record = await otherRoom.roomRecord(published, sale);
        return record.draw.seed !== null && record;
      });
      t.match(after.draw, { seedHash: before.draw.seedHash, cohort: 0, beacon: 'lottery 4 8 15' });
      t.same(await room.setBeacon(published, sale, 'another'), { outcome: 'too-late' });
      t.equal((await room.roomRecord(published, sale)).draw.beacon, 'lottery 4 8 15');
    });

    await t.test('a process that never heard of a sale learns it from the token', async (t) => {
      const { published, sale } = bed.putOn({ opensInMs: 600_000 });
      const { roomToken } = await room.enter({ published, sale, userId: 'alice' });
      const fresh = await bed.startProcess({ started: false });
      t.same(fresh.room.roomStatus(roomToken), { outcome: 'unread' });
      t.match(await fresh.room.learn(roomToken), { outcome: 'known', ready: false });
      t.match(fresh.room.roomStatus(roomToken), { outcome: 'known', ready: false });
      t.same(await fresh.room.learn('forged'), { outcome: 'expired' });

      const another = await bed.startProcess({ started: false });
      t.same(another.room.verifyTurn(roomToken, published, sale), { outcome: 'not-yet', retryAfterSec: 1 });
      await until(() => another.room.roomStatus(roomToken).outcome === 'known');
    });

    await t.test('a sale that is over has nothing to change, and a record that is kept', async (t) => {
      const { published, sale } = bed.putOn({ opensInMs: -3_600_000 });
      await room.ensureRoom(published, sale);
      t.match((await room.roomRecord(published, sale)).draw, { seedHash: /^[0-9a-f]{64}$/, seed: null });
      await t.rejects(room.changeRate(published, sale, { action: 'pause' }), { code: 'sale_not_open' });
      t.equal(await room.countEntered(published, sale), 0);
      const unknown = bed.putOn({ opensInMs: -3_600_000 });
      await t.rejects(room.roomRecord(unknown.published, unknown.sale), { code: 'not_found' });
    });

    await t.test('practice rounds have rooms ahead of time, each its own, and close', async (t) => {
      const event = bed.putOn(
        { opensInMs: 0 },
        {
          sale: { kind: 'windows', everyMs: 5000, openForMs: 2500 },
          waitingRoom: { ...fast, opensBeforeMs: 2000 },
        },
      );
      const { event: definition } = event.published;
      const row = (sale: SaleWindow) =>
        pool.query('select from waiting_rooms where sale_id = $1', [sale.saleId]);
      // In good time before its opening, and nobody has asked for the round after it yet.
      const round = await until(async () => {
        const ahead = Math.floor((clock.nowMs() + 1000) / 5000) + 1;
        return (await row(saleOfRound(definition, ahead + 1))).rowCount === 1 && ahead;
      });
      const sale = saleOfRound(definition, round);
      const { roomToken } = await room.enter({ published: event.published, sale, userId: 'alice' });
      await until(() => room.verifyTurn(roomToken, event.published, sale).outcome === 'admitted');
      await until(() => room.roomStatus(roomToken).outcome === 'expired');
      const next = saleOfRound(definition, round + 1);
      t.equal(room.verifyTurn(roomToken, event.published, next).outcome, 'invalid');
      t.equal((await room.enter({ published: event.published, sale: next, userId: 'alice' })).joinIndex, 0);

      const late = await bed.startProcess({ started: false });
      t.same(
        await late.room.learn(roomToken),
        { outcome: 'expired' },
        'also where nobody remembers the round',
      );
      const record = await late.room.roomRecord(event.published, sale);
      t.match(record.draw, { cohort: 1, seed: /^[0-9a-f]{64}$/ }, 'its draw can still be checked');
      t.equal(await late.room.countEntered(event.published, sale), 1);
    });
  });
}
