/** Random numbers that come again with the seed: the same run can be asked for twice. */
export interface SeededRandom {
  /** At least 0, less than 1. */
  next(): number;
  /** A whole number, both ends included. */
  between(least: number, most: number): number;
  pick<T>(choices: readonly T[]): T;
  chance(probability: number): boolean;
  /** `count` characters of [0-9a-z]. */
  letters(count: number): string;
  /** A sequence of its own: what one part of a run draws does not move another's. */
  fork(name: string): SeededRandom;
}

/** Makes a {@link SeededRandom} of any text: mulberry32 over an FNV-1a hash; good enough to choose by, and for nothing else. */
export function createSeededRandom(seed: string): SeededRandom {
  let hash = 0x811c9dc5;
  for (const character of seed) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  let state = hash >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return {
    next,
    between,
    pick: (choices) => choices[between(0, choices.length - 1)]!,
    chance: (probability) => next() < probability,
    letters: (count) => Array.from({ length: count }, () => between(0, 35).toString(36)).join(''),
    fork: (name) => createSeededRandom(`${seed}/${name}`),
  };
}
