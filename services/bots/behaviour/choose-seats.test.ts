import { createSeededRandom } from '@onsale/platform/seeded-random';
import t from 'tap';
import type { Strategy } from './behaviour.ts';
import { chooseSeats, type SectionView } from './choose-seats.ts';

/** A section of the rows given, `f` free and anything else not. */
function section(id: string, firstRow: number, ...rows: string[]): SectionView {
  const seats = rows.join('');
  return {
    id,
    firstRow,
    rows: rows.length,
    seatsPerRow: rows[0]!.length,
    available: seats.replaceAll(/[^f]/g, '').length,
    seats,
  };
}

const wishes = (strategy: Strategy, partySize: number, sections: readonly SectionView[]) =>
  Array.from({ length: 200 }, (_, seed) =>
    chooseSeats(sections, { strategy, partySize, seatRandom: createSeededRandom(`${seed}`) }),
  );
/** What a strategy asks for, over many seeds: every wish once, in words. */
const distinct = (...asked: Parameters<typeof wishes>) =>
  [
    ...new Set(
      wishes(...asked).map((wish) =>
        wish && 'seatIds' in wish ? wish.seatIds.join(' ') : JSON.stringify(wish),
      ),
    ),
  ].sort();

t.test('front rows: neighbours in the first row that has room for all', async (t) => {
  const sections = [section('A', 1, 'fshf', 'sfff', 'ffff'), section('B', 4, 'ffff')];
  t.same(distinct('front-rows', 2, sections), ['R2C2 R2C3', 'R2C3 R2C4']);
  t.same(distinct('front-rows', 3, sections), ['R2C2 R2C3 R2C4']);
  t.same(distinct('front-rows', 1, sections), ['R1C1', 'R1C4']);
});

t.test(
  'front rows: who finds no neighbours sits apart, and goes behind when the section is too full',
  async (t) => {
    t.same(distinct('front-rows', 2, [section('A', 1, 'fsf', 'sfs')]), ['R1C1 R1C3']);
    t.same(distinct('front-rows', 2, [section('A', 1, 'fss'), section('B', 2, 'sff')]), ['R2C2 R2C3']);
    t.same(
      distinct('front-rows', 4, [section('A', 1, 'sfs')]),
      ['R1C2'],
      'fewer than wanted when that is all',
    );
  },
);

t.test('a random seat can be any, with its neighbours where there are any', async (t) => {
  const sections = [section('A', 1, 'fff'), section('B', 2, 'fsf')];
  t.same(distinct('random-seat', 1, sections), ['R1C1', 'R1C2', 'R1C3', 'R2C1', 'R2C3']);
  t.same(distinct('random-seat', 2, sections), ['R1C1 R1C2', 'R1C2 R1C3', 'R2C1 R2C3', 'R2C3 R2C1']);
});

t.test('best available names a section and a number, never more than is left', async (t) => {
  const sections = [section('A', 1, 'ssss'), section('B', 2, 'sfsf')];
  t.same(wishes('best-available', 4, sections)[0], { section: 'B', seatCount: 2 });
});

t.test('pairs sit here and there, all in one section', async (t) => {
  const found = wishes('scattered-pairs', 4, [
    section('A', 1, 'ffsff', 'ssfff', 'fssss'),
    section('B', 4, 'sssss'),
  ]);
  for (const wish of found) {
    const { seatIds } = wish as { seatIds: string[] };
    t.equal(new Set(seatIds).size, 4);
    const [a, b, c, d] = seatIds.map((id) => /^R(\d+)C(\d+)$/.exec(id)!.slice(1).map(Number));
    for (const [left, right] of [
      [a, b],
      [c, d],
    ]) {
      t.equal(left![0], right![0]);
      t.equal(left![1]! + 1, right![1]);
    }
  }
  t.same(distinct('scattered-pairs', 2, [section('A', 1, 'fsf')]), ['R1C1 R1C3', 'R1C3 R1C1']);
});

t.test('nothing is wanted of what is not free', async (t) => {
  const full = [section('A', 1, 'shb')];
  for (const strategy of ['front-rows', 'random-seat', 'best-available', 'scattered-pairs'] as const) {
    t.equal(chooseSeats(full, { strategy, partySize: 1, seatRandom: createSeededRandom('x') }), undefined);
    // Counts and seats are read apart and may disagree for a moment.
    t.equal(
      chooseSeats([{ ...full[0]!, available: 1 }], {
        strategy,
        partySize: 1,
        seatRandom: createSeededRandom('x'),
      }),
      undefined,
    );
  }
});
