import t from 'tap';
import { createDraw, seedHashOf } from './draw.ts';
import { verifyDraw } from './draw-verify.ts';

const seed = 'ab'.repeat(32);
const claim = { seedHash: seedHashOf(seed), seed, cohort: 100, beacon: null, joinIndex: 42 };

t.test('the place follows from what was published', async (t) => {
  const place = createDraw({ seed, cohort: 100, beacon: undefined }).placeOf(42);
  t.same(verifyDraw(claim), { outcome: 'drawn', place });
  const withBeacon = createDraw({ seed, cohort: 100, beacon: 'drand 77' }).placeOf(42);
  t.same(verifyDraw({ ...claim, beacon: 'drand 77' }), { outcome: 'drawn', place: withBeacon });
});

t.test('another seed than the one committed to is found out', async (t) => {
  const other = 'ac'.repeat(32);
  t.same(verifyDraw({ ...claim, seed: other }), { outcome: 'seed-differs', actualHash: seedHashOf(other) });
});

t.test('later arrivals are behind the cohort', async (t) => {
  t.same(verifyDraw({ ...claim, joinIndex: 100 }), { outcome: 'behind-cohort', place: 100 });
});

t.test('before the seal there is nothing to check', async (t) => {
  t.same(verifyDraw({ ...claim, seed: null, cohort: null }), { outcome: 'not-sealed' });
});

t.test('nonsense is called so', async (t) => {
  for (const nonsense of [
    { seedHash: '' },
    { seed: 'xyz' },
    { cohort: -1 },
    { cohort: 2 ** 40 },
    { joinIndex: -1 },
    { joinIndex: Number.NaN },
  ]) {
    t.match(verifyDraw({ ...claim, ...nonsense }), { outcome: 'malformed' }, JSON.stringify(nonsense));
  }
});
