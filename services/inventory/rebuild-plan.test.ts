import type { CommitMessage } from '@onsale/contracts/queue/commit-message';
import { SeatMap } from '@onsale/contracts/sale/seat-map';
import t from 'tap';
import { createHoldId, sectionOfHoldId } from './hold-id.ts';
import type { LockItem } from './lock-item.ts';
import { planSection, type RebuildSources } from './rebuild-plan.ts';

const nowMs = 1_000_000;
const seatMap = new SeatMap([
  { id: 'A', rows: 1, seatsPerRow: 6, priceMinor: 1 },
  { id: 'B', rows: 1, seatsPerRow: 2, priceMinor: 1 },
]);

function item(fence: number, seats: readonly number[], more: Partial<LockItem> = {}): LockItem {
  return {
    holdId: createHoldId(0),
    state: 'held',
    seatIds: seats.map((seat) => `R1C${seat}`),
    owner: `owner-${fence}`,
    fence,
    expiresAtMs: nowMs + 1000,
    ...more,
  };
}

const plan = (items: readonly LockItem[], more: Partial<RebuildSources> = {}) =>
  planSection({
    saleId: 'event.0',
    seatMap,
    sectionIndex: 0,
    epoch: 3,
    nowMs,
    items,
    endedIntents: new Set(),
    tickets: [],
    blockRest: false,
    ...more,
  });

t.test('each seat of an item counts by itself', async (t) => {
  const first = item(1, [1, 2, 3]);
  const { holdId } = first;
  const message: CommitMessage = {
    type: 'COMMIT_ORDER',
    payload: { intentId: 'intent-1', eventId: 'event', seatIds: ['R1C2'], userId: 'owner-1' },
    idem: 'commit-1',
  };
  const committing = item(2, [2], { holdId, owner: 'owner-1', state: 'committing', message, lapsesAtMs: 7 });
  const both = plan([first, committing]);
  t.equal(both.seats, 'hhhfff');
  t.match(
    both.holds,
    [
      { state: 'held', seatIndexes: [0, 2], split: true },
      { holdId, state: 'committing', seatIndexes: [1], expiresAtMs: 7, reference: 'intent-1', split: true },
    ],
    'what was split off has a name of its own',
  );
  t.not(both.holds[0]!.holdId, holdId);
  const closed = item(2, [2], { holdId, state: 'released' });
  t.equal(plan([first, closed, committing]).seats, 'hfhfff', 'closed with the fence it had');
  t.equal(plan([first, committing], { endedIntents: new Set(['intent-1']) }).seats, 'hhhfff');
  t.match(plan([first, committing], { endedIntents: new Set(['intent-1']) }).holds, [
    { holdId, state: 'held', split: false },
  ]);
});

t.test('nothing written, nothing taken', async (t) => {
  t.same(plan([]), { seats: 'ffffff', holds: [], counts: { free: 6, held: 0, sold: 0, blocked: 0 } });
});

t.test('holds that stand are held, lapsed ones are not', async (t) => {
  const result = plan([item(1, [2, 1]), item(2, [4], { expiresAtMs: nowMs })]);
  t.equal(result.seats, 'hhffff');
  t.match(result.holds, [{ state: 'held', owner: 'owner-1', seatIndexes: [0, 1] }]);
});

t.test('of two claims the higher fence has the seat, in whatever order they are read', async (t) => {
  const older = item(1, [1, 2]);
  const newer = item(2, [2, 3]);
  for (const items of [
    [older, newer],
    [newer, older],
  ]) {
    const { holds, seats } = plan(items);
    t.equal(seats, 'hhhfff');
    t.match(
      holds.find((hold) => hold.owner === 'owner-1'),
      { seatIndexes: [0] },
    );
    t.match(
      holds.find((hold) => hold.owner === 'owner-2'),
      { seatIndexes: [1, 2] },
    );
  }
});

t.test('a claim that has lapsed or ended hides the older ones under it', async (t) => {
  const resurrected = item(1, [1]);
  t.equal(plan([resurrected, item(2, [1], { expiresAtMs: nowMs - 1 })]).seats, 'ffffff');
  t.equal(plan([resurrected, item(2, [1], { state: 'released' })]).seats, 'ffffff');
});

t.test('a hold is in its furthest state', async (t) => {
  const held = item(1, [1], { expiresAtMs: nowMs - 1 });
  const message = {
    type: 'COMMIT_ORDER' as const,
    payload: { intentId: 'intent 1', eventId: 'event', seatIds: ['R1C1'], userId: 'owner-1' },
    idem: 'key-12345',
  };
  const committing = { ...held, state: 'committing' as const, fence: 2, expiresAtMs: nowMs + 1e6, message };
  const closed = { ...held, state: 'released' as const, fence: 2, expiresAtMs: nowMs + 1e6 };
  for (const items of [
    [held, committing],
    [committing, held],
  ]) {
    t.match(plan(items).holds, [{ state: 'committing', reference: 'intent 1', seatIndexes: [0] }]);
  }
  for (const items of [
    [held, committing, closed],
    [closed, committing, held],
  ]) {
    t.same(plan(items).holds, []);
  }
});

t.test('a ticket has its seat, whatever claims it; the claim keeps its other seats', async (t) => {
  const { seats, holds, counts } = plan([item(9, [1, 2])], {
    tickets: [
      { seatId: 'R1C2', userId: 'bob', orderId: 'order-1' },
      { seatId: 'R1C6', userId: 'bob', orderId: 'order-1' },
      { seatId: 'R2C1', userId: 'bob', orderId: 'order-1' },
    ],
  });
  t.equal(seats, 'hsfffs');
  t.same(counts, { free: 3, held: 1, sold: 2, blocked: 0 });
  const sold = holds.find((hold) => hold.state === 'sold')!;
  t.match(sold, { owner: 'bob', seatIndexes: [1, 5], reference: 'order-1 ' });
  t.equal(sectionOfHoldId(sold.holdId), 0);
  t.ok(sold.fence > 3 * 2 ** 32, 'of the new epoch');
});

t.test('what an interval without lock items leaves open is blocked', async (t) => {
  const { seats, counts } = plan([item(1, [1])], {
    tickets: [{ seatId: 'R1C2', userId: 'bob', orderId: 'order-1' }],
    blockRest: true,
  });
  t.equal(seats, 'hsbbbb');
  t.same(counts, { free: 0, held: 1, sold: 1, blocked: 4 });
});
