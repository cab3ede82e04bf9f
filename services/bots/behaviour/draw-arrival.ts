import type { SeededRandom } from '@onsale/platform/seeded-random';

const lateShare = 0.15;

/**
 * When a bot enters, milliseconds after the opening: most before it, the more the closer it comes; some notice up to
 * `lateMs` too late.
 */
export function drawArrivalMs(random: SeededRandom, earliestMs: number, lateMs: number): number {
  if (random.chance(lateShare)) return Math.round(lateMs * random.next());
  return -Math.round(earliestMs * random.next() ** 2);
}
