import t from 'tap';
import {
  changeLeadMs,
  changeServing,
  currentPieces,
  openingPiece,
  reachedAtMs,
  servingNumber,
  type ServingPiece,
} from './serving.ts';

const opensAtMs = 1_795_000_000_000;
const minuteMs = 60_000;

t.test('place 0 is admitted at the opening instant, and rate more each second', async (t) => {
  const pieces = [openingPiece(opensAtMs, 100)];
  t.equal(servingNumber(pieces, opensAtMs - 1), -1);
  t.equal(servingNumber(pieces, opensAtMs), 0);
  t.equal(servingNumber(pieces, opensAtMs + 9), 0);
  t.equal(servingNumber(pieces, opensAtMs + 10), 1);
  t.equal(servingNumber(pieces, opensAtMs + 60_000), 6000);
  t.equal(servingNumber([], opensAtMs), -1);
});

t.test('a sale that opens suspended admits nobody until it goes on', async (t) => {
  const suspended = [openingPiece(opensAtMs, 0)];
  t.equal(servingNumber(suspended, opensAtMs + minuteMs), -1);
  const resumed = changeServing(suspended, { nowMs: opensAtMs + minuteMs, rate: 10 })!;
  const since = opensAtMs + minuteMs + changeLeadMs;
  t.equal(servingNumber(resumed, since + 99), -1);
  t.equal(servingNumber(resumed, since + 100), 0);
});

t.test('a change is announced at least two seconds ahead, and one at a time', async (t) => {
  const pieces = [openingPiece(opensAtMs, 100)];
  const nowMs = opensAtMs + 10_000;
  const paused = changeServing(pieces, { nowMs, rate: 0 })!;
  t.ok(paused.at(-1)!.since >= nowMs + 2000);
  t.equal(
    servingNumber(paused, nowMs + 2000),
    servingNumber(pieces, nowMs + 2000),
    'what was announced holds',
  );
  t.equal(changeServing(paused, { nowMs: nowMs + 1000, rate: 50 }), undefined);
  t.equal(changeServing(pieces, { nowMs, rate: 100 }), undefined, 'no change, no piece');
  t.equal(changeServing([], { nowMs, rate: 100 }), undefined, 'nor before the opening');
});

t.test('paused it stands still, resumed it goes on from there', async (t) => {
  let pieces: readonly ServingPiece[] = [openingPiece(opensAtMs, 100)];
  pieces = changeServing(pieces, { nowMs: opensAtMs + 10_000 - changeLeadMs, rate: 0 })!;
  t.equal(servingNumber(pieces, opensAtMs + 10_000), 1000);
  t.equal(servingNumber(pieces, opensAtMs + 30_000), 1000);
  pieces = changeServing(pieces, { nowMs: opensAtMs + 30_000 - changeLeadMs, rate: 10 })!;
  t.equal(servingNumber(pieces, opensAtMs + 31_000), 1010);
});

t.test(
  'whatever is changed whenever, the number never decreases and no announced value is taken back',
  async (t) => {
    for (let run = 0; run < 200; run++) {
      let nowMs = opensAtMs;
      let pieces: readonly ServingPiece[] = [openingPiece(opensAtMs, randomRate())];
      let before = -1;
      for (let step = 0; step < 60; step++) {
        nowMs += Math.floor(Math.random() * 40_000);
        const changed = changeServing(pieces, { nowMs, rate: randomRate() });
        if (changed) {
          for (const aheadMs of [0, 1, 999, 2000, changeLeadMs]) {
            const [old, fresh] = [pieces, changed].map((of) => servingNumber(of, nowMs + aheadMs));
            if (old !== fresh) t.fail(`${aheadMs} ms ahead ${old} became ${fresh}`);
          }
          pieces = changed;
        }
        const number = servingNumber(pieces, nowMs);
        if (number < before) t.fail(`${number} after ${before}`);
        before = number;
      }
    }
    t.pass();
  },
);

t.test('the instant a place is reached is the first at which the number says so', async (t) => {
  for (let run = 0; run < 200; run++) {
    let pieces: readonly ServingPiece[] = [openingPiece(opensAtMs, randomRate())];
    for (let step = 1; step < 6; step++) {
      pieces = changeServing(pieces, { nowMs: opensAtMs + step * 30_000, rate: randomRate() }) ?? pieces;
    }
    const place = Math.floor(Math.random() * 5000);
    const atMs = reachedAtMs(pieces, place);
    if (!Number.isFinite(atMs)) {
      t.equal(pieces.at(-1)!.rate, 0, 'never, because it stands still');
      continue;
    }
    if (servingNumber(pieces, atMs) < place) t.fail(`place ${place} is not reached yet`);
    if (servingNumber(pieces, atMs - 2) >= place) t.fail(`place ${place} was reached before`);
  }
});

t.test('pieces are kept longer than an admitted place takes to lapse, and not for ever', async (t) => {
  let pieces: readonly ServingPiece[] = [openingPiece(opensAtMs, 100)];
  let nowMs = opensAtMs;
  for (let step = 0; step < 100; step++) {
    nowMs += minuteMs;
    pieces = changeServing(pieces, { nowMs, rate: 101 - (step % 2) })!;
  }
  t.ok(pieces.length <= 18, `${pieces.length} pieces`);
  t.ok(pieces[0]!.since < nowMs - 10 * minuteMs);
  const place = servingNumber(pieces, nowMs - 10 * minuteMs);
  t.ok(Math.abs(reachedAtMs(pieces, place) - (nowMs - 10 * minuteMs)) <= 10, 'told to the place');
  t.equal(reachedAtMs(pieces, 5), pieces[0]!.since, 'longer ago is long ago');
});

t.test('the record shows the piece that holds and the one announced', async (t) => {
  const opening = openingPiece(opensAtMs, 100);
  const [, announced] = changeServing([opening], { nowMs: opensAtMs + 5000, rate: 7 })!;
  const pieces = [opening, announced!];
  t.same(currentPieces(pieces, opensAtMs - 1), { serving: opening, next: announced }, 'before all of them');
  t.same(currentPieces(pieces, opensAtMs + 5000), { serving: opening, next: announced });
  t.same(currentPieces(pieces, announced!.since), { serving: announced, next: undefined });
});

function randomRate(): number {
  return [0, 0.001, 0.3, 1, 7, 100, 333.3, 5000][Math.floor(Math.random() * 8)]!;
}
