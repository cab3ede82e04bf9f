import type { SeededRandom } from '@onsale/platform/seeded-random';

const longest = 6;

/**
 * A time a person takes, milliseconds: log-normal around `middleMs`, as reaction and reading times are, with few very slow
 * ones; never longer than six times the middle.
 */
export function drawDelayMs(random: SeededRandom, middleMs: number, spread: number): number {
  // Box–Muller: two uniform numbers make a normal one; the first must not be 0.
  const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return Math.round(middleMs * Math.min(longest, Math.exp(spread * normal)));
}
