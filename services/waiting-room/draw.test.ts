import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import t from 'tap';
import { createDraw, seedHashOf } from './draw.ts';

const seed = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';
const newSeed = () => randomBytes(32).toString('hex');
const orderOf = (cohort: number, ofSeed = newSeed(), beacon?: string) => {
  const draw = createDraw({ seed: ofSeed, cohort, beacon });
  return Array.from({ length: cohort }, (_, joinIndex) => draw.placeOf(joinIndex));
};
const isBijection = (order: readonly number[]) =>
  new Set(order).size === order.length && order.every((place) => place >= 0 && place < order.length);

t.test('every place below N is given to exactly one join index below N', async (t) => {
  const random = Array.from({ length: 5 }, () => 101 + Math.floor(Math.random() * 3000));
  for (const cohort of [...Array(101).keys(), 255, 256, 257, 1000, ...random]) {
    t.ok(isBijection(orderOf(cohort)), `N = ${cohort}`);
  }
});

t.test('who came after the draw keeps the join index as place, behind the cohort', async (t) => {
  const draw = createDraw({ seed, cohort: 10, beacon: undefined });
  t.equal(draw.placeOf(10), 10);
  t.equal(draw.placeOf(123_456), 123_456);
  t.equal(createDraw({ seed, cohort: 0, beacon: undefined }).placeOf(0), 0);
});

t.test('the same terms give the same order, asked in any sequence', async (t) => {
  const draw = createDraw({ seed, cohort: 50, beacon: undefined });
  const backwards = Array.from({ length: 50 }, (_, index) => draw.placeOf(49 - index)).reverse();
  t.same(backwards, orderOf(50, seed));
  t.same(
    Array.from({ length: 50 }, (_, index) => draw.placeOf(index)),
    backwards,
    'also from memory',
  );
});

t.test('seed, cohort and beacon each change the order', async (t) => {
  const order = orderOf(100, seed);
  t.notSame(orderOf(100, newSeed()), order);
  t.notSame(orderOf(100, seed, 'beacon'), order);
  t.notSame(orderOf(101, seed).slice(0, 100), order);
});

t.test('a cohort that no counter can have is refused', async (t) => {
  for (const cohort of [-1, 1.5, Number.NaN, 2 ** 31 + 1]) {
    t.throws(() => createDraw({ seed, cohort, beacon: undefined }), RangeError);
  }
});

/** The value a chi-square of so many degrees of freedom exceeds once in about 30 million (Wilson and Hilferty). */
const chiSquareLimit = (freedom: number) => {
  const spread = 2 / (9 * freedom);
  return freedom * (1 - spread + 5.4 * Math.sqrt(spread)) ** 3;
};
const chiSquare = (counts: Iterable<number>, cells: number, total: number) => {
  const expected = total / cells;
  const seen = [...counts];
  const unseen = (cells - seen.length) * expected;
  return seen.reduce((sum, count) => sum + (count - expected) ** 2 / expected, unseen);
};

t.test('all orders of a few buyers are equally likely', async (t) => {
  for (const [cohort, orders] of [
    [2, 2],
    [4, 24],
  ] as const) {
    const seen = new Map<string, number>();
    const draws = orders * 40;
    for (let index = 0; index < draws; index++) {
      const order = orderOf(cohort).join();
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    t.ok(chiSquare(seen.values(), orders, draws) < chiSquareLimit(orders - 1), `N = ${cohort}`);
  }
});

t.test('a buyer of a larger cohort may end up anywhere alike', async (t) => {
  const cells = 20;
  const counts = new Map<number, number>();
  const draws = 2000;
  for (let index = 0; index < draws; index++) {
    const cell = Math.floor(createDraw({ seed: newSeed(), cohort: 1000, beacon: undefined }).placeOf(7) / 50);
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
  }
  t.ok(chiSquare(counts.values(), cells, draws) < chiSquareLimit(cells - 1));
});

t.test('neighbours in the queue are not neighbours in the draw', async (t) => {
  const order = orderOf(1000);
  const adjacent = order.filter(
    (place, index) => index > 0 && Math.abs(place - order[index - 1]!) === 1,
  ).length;
  t.ok(adjacent < 20, `${adjacent} of 999; 2 are expected`);
});

t.test('the documented test vectors hold', async (t) => {
  const document = readFileSync(new URL('../../docs/draw.md', import.meta.url), 'utf8');
  const vectors = JSON.parse(/```json\n([\s\S]*?)```/.exec(document)![1]!) as {
    cohort: number;
    beacon: string | null;
    places: number[];
  }[];
  t.equal(vectors.length, 7);
  for (const { cohort, beacon, places } of vectors) {
    const draw = createDraw({ seed, cohort, beacon: beacon ?? undefined });
    t.same(
      places.map((_, index) => draw.placeOf(index)),
      places,
      `N = ${cohort}`,
    );
  }
  t.match(document, seed);
  t.match(document, seedHashOf(seed));
});
