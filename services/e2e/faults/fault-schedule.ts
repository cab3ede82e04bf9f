import type { FaultName } from './fault-kinds.ts';
import type { SeededRandom } from '@onsale/platform/seeded-random';

/** One fault of a run. */
export interface PlannedFault {
  readonly name: FaultName;
  /** From the load's beginning. */
  readonly atMs: number;
  readonly durationMs: number;
}

/**
 * Draws the faults of a run, none in the first `calmMs`: each kind in turn in an order of the seed's, so that a long run leaves none out; one at a time
 * with time to recover, but every sixth begins while the one before is still being mended.
 */
export function planFaults(
  random: SeededRandom,
  kinds: readonly FaultName[],
  { lengthMs, calmMs }: { readonly lengthMs: number; readonly calmMs: number },
): PlannedFault[] {
  const planned: PlannedFault[] = [];
  if (kinds.length === 0) return planned;
  // It goes through its points one by one, and leaves time to recover by itself.
  if (kinds.length === 1 && kinds[0] === 'kill-between-stores') {
    return [{ name: kinds[0], atMs: calmMs, durationMs: lengthMs - calmMs }];
  }
  let left: FaultName[] = [];
  let atMs = calmMs;
  for (;;) {
    if (left.length === 0) left = shuffled(random, kinds);
    const durationMs = random.between(400, 4000);
    if (atMs + durationMs > lengthMs) return planned;
    planned.push({ name: left.pop()!, atMs, durationMs });
    const isHurried = random.chance(1 / 6);
    atMs += durationMs + (isHurried ? random.between(100, 600) : random.between(2500, 4500));
  }
}

function shuffled<T>(random: SeededRandom, items: readonly T[]): T[] {
  const mixed = [...items];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = random.between(0, last);
    [mixed[last], mixed[other]] = [mixed[other]!, mixed[last]!];
  }
  return mixed;
}
