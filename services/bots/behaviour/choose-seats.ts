import type { SeededRandom } from '@onsale/platform/seeded-random';
import type { Strategy } from './behaviour.ts';
import { freeRuns } from './free-runs.ts';

/** A section as a seat map shows it; `seats` is one character a seat, row by row, `f` when free. */
export interface SectionView {
  readonly id: string;
  readonly firstRow: number;
  readonly rows: number;
  readonly seatsPerRow: number;
  readonly available: number;
  readonly seats: string;
}

/** What a bot asks to hold. */
export type Wish =
  | { readonly seatIds: readonly string[] }
  | { readonly section: string; readonly seatCount: number };

export interface Chooser {
  readonly strategy: Strategy;
  readonly partySize: number;
  readonly seatRandom: SeededRandom;
}

/**
 * What this chooser wants of what is free, of one section as the wire asks; undefined when nothing is free. Who finds no
 * room for the whole party takes fewer seats, as people do when little is left.
 */
export function chooseSeats(sections: readonly SectionView[], chooser: Chooser): Wish | undefined {
  const open = sections.filter(({ available, seats }) => available > 0 && seats.includes('f'));
  if (open.length === 0) return undefined;
  const { seatRandom: random, partySize } = chooser;
  switch (chooser.strategy) {
    case 'best-available': {
      const section = roomiest(open, random);
      return { section: section.id, seatCount: Math.min(partySize, section.available) };
    }
    case 'front-rows': {
      const section = open.find(({ available }) => available >= partySize) ?? open[0]!;
      return named(section, frontRow(section, partySize, random));
    }
    case 'random-seat': {
      const section = roomiest(open, random);
      return named(section, aroundSomewhere(section, partySize, random));
    }
    case 'scattered-pairs': {
      const section = roomiest(open, random);
      return named(section, pairs(section, partySize, random));
    }
  }
}

/** A section, the likelier the more of it is free. */
function roomiest(sections: readonly SectionView[], random: SeededRandom): SectionView {
  const total = sections.reduce((sum, { available }) => sum + available, 0);
  let left = random.next() * total;
  return sections.find(({ available }) => (left -= available) < 0) ?? sections.at(-1)!;
}

/** Neighbours in the first row that has room for all; else the first free seats. */
function frontRow(section: SectionView, count: number, random: SeededRandom): number[] {
  const runs = freeRuns(section).filter(({ length }) => length >= count);
  const firstRow = runs.filter(({ row }) => row === runs[0]?.row);
  if (firstRow.length === 0) return freeSeats(section).slice(0, count);
  const { start, length } = random.pick(firstRow);
  return neighbours(start + random.between(0, length - count), count);
}

/** A random seat with neighbours, where a random place has them; else random seats. */
function aroundSomewhere(section: SectionView, count: number, random: SeededRandom): number[] {
  const starts = freeRuns(section).flatMap(({ start, length }) =>
    length >= count ? neighbours(start, length - count + 1) : [],
  );
  if (starts.length > 0) return neighbours(random.pick(starts), count);
  return shuffled(freeSeats(section), random).slice(0, count);
}

/** Pairs of neighbours here and there; an odd one, and those who find no pair, sit alone. */
function pairs(section: SectionView, count: number, random: SeededRandom): number[] {
  const found = freeRuns(section).flatMap(({ start, length }) =>
    Array.from({ length: Math.floor(length / 2) }, (_, index) => neighbours(start + 2 * index, 2)),
  );
  const taken = shuffled(found, random)
    .slice(0, Math.floor(count / 2))
    .flat();
  const others = freeSeats(section).filter((seat) => !taken.includes(seat));
  return [...taken, ...shuffled(others, random).slice(0, count - taken.length)];
}

const neighbours = (start: number, count: number) =>
  Array.from({ length: count }, (_, index) => start + index);

const freeSeats = ({ seats }: SectionView) =>
  [...seats].flatMap((state, seat) => (state === 'f' ? [seat] : []));

function shuffled<T>(items: readonly T[], random: SeededRandom): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = random.between(0, last);
    [result[last], result[other]] = [result[other]!, result[last]!];
  }
  return result;
}

function named({ firstRow, seatsPerRow }: SectionView, seats: readonly number[]): Wish {
  return {
    seatIds: seats.map((seat) => `R${firstRow + Math.floor(seat / seatsPerRow)}C${(seat % seatsPerRow) + 1}`),
  };
}
