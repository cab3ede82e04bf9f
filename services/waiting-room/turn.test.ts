import t from 'tap';
import { createDraw } from './draw.ts';
import type { RoomState } from './room-state.ts';
import { changeServing, openingPiece } from './serving.ts';
import { turnOf, unusedPlaceLapsesMs } from './turn.ts';

const opensAtMs = 1_795_000_000_000;
const unsealed: RoomState = {
  version: 0,
  generation: 1,
  next: 400,
  opensAtMs,
  seal: undefined,
  pieces: [],
  rateOverride: undefined,
  seed: 'ab'.repeat(32),
  beacon: undefined,
  entered: 400,
  admission: undefined,
};
const sealed: RoomState = {
  ...unsealed,
  version: 1,
  seal: { cohort: 400, sealedAtMs: opensAtMs },
  pieces: [openingPiece(opensAtMs, 100)],
};
const draw = createDraw({ seed: unsealed.seed, cohort: 400, beacon: undefined });
const turn = (joinIndex: number, nowMs: number, state = sealed, takenAtMs = opensAtMs - 1000) =>
  turnOf({
    state,
    draw: state.seal ? draw : undefined,
    plannedRate: 100,
    joinIndex,
    takenAtMs,
    nowMs,
  });

t.test('before the draw nobody has a position, and expects the middle of the cohort', async (t) => {
  t.match(turn(3, opensAtMs - 60_000, unsealed), {
    drawn: false,
    ready: false,
    position: 0,
    leftMs: 62_000,
  });
});

t.test('after it the drawn place counts, not the join index', async (t) => {
  for (const joinIndex of [0, 1, 17, 399]) {
    const place = draw.placeOf(joinIndex);
    t.match(turn(joinIndex, opensAtMs), {
      drawn: true,
      position: Math.max(0, place - 1),
      leftMs: place * 10,
    });
    t.equal(turn(joinIndex, opensAtMs + place * 10).ready, true);
    if (place > 0) t.equal(turn(joinIndex, opensAtMs + place * 10 - 1).ready, false);
  }
  t.match(turn(400, opensAtMs + 1000), { ready: false, position: 299, leftMs: 3000 });
});

t.test('an announced pause is reckoned with; behind it, the planned rate', async (t) => {
  const paused = { ...sealed, pieces: changeServing(sealed.pieces, { nowMs: opensAtMs, rate: 0 })! };
  const reachable = turn(400, opensAtMs + 1000, { ...paused, pieces: sealed.pieces });
  t.equal(reachable.leftMs, 3000);
  t.match(turn(400, opensAtMs + 10_000, paused), { ready: false, position: 149, leftMs: 1500 });
});

t.test('an admitted place lapses after ten minutes, counted from when it could be used', async (t) => {
  const place = draw.placeOf(5);
  const admittedAtMs = opensAtMs + place * 10;
  t.equal(turn(5, admittedAtMs + unusedPlaceLapsesMs).lapsed, false);
  t.equal(turn(5, admittedAtMs + unusedPlaceLapsesMs + 1).lapsed, true);
  const lateMs = opensAtMs + 3_600_000;
  const fresh = turn(1000, lateMs + 1000, sealed, lateMs);
  t.match(fresh, { ready: true, lapsed: false }, 'the number had passed it before it was taken');
  t.equal(turn(1000, lateMs + unusedPlaceLapsesMs + 1, sealed, lateMs).lapsed, true);
});
