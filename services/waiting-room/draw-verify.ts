import { createDraw, seedHashOf } from './draw.ts';

/** What a buyer needs to check a place: all but the join index are in the public room record. */
export interface DrawClaim {
  /** As published when the room opened. */
  readonly seedHash: string;
  readonly seed: string | null;
  readonly cohort: number | null;
  readonly beacon: string | null;
  /** From enter. */
  readonly joinIndex: number;
}

export type DrawVerdict =
  /** The place follows from the seed that was committed to. */
  | { readonly outcome: 'drawn'; readonly place: number }
  /** Entered after the draw: places behind the cohort are in order of arrival. */
  | { readonly outcome: 'behind-cohort'; readonly place: number }
  /** The cohort is not sealed yet; there is nothing to check. */
  | { readonly outcome: 'not-sealed' }
  /** The seed shown is not the one whose hash was published. */
  | { readonly outcome: 'seed-differs'; readonly actualHash: string }
  | { readonly outcome: 'malformed'; readonly problem: string };

/** Recomputes a place from published values alone. */
export function verifyDraw({ seedHash, seed, cohort, beacon, joinIndex }: DrawClaim): DrawVerdict {
  if (!/^[0-9a-f]{64}$/.test(seedHash)) return malformed('seedHash is not 64 hex digits');
  if (!Number.isSafeInteger(joinIndex) || joinIndex < 0) return malformed('joinIndex is not a number from 0');
  if (seed === null || cohort === null) return { outcome: 'not-sealed' };
  if (!/^[0-9a-f]{64}$/.test(seed)) return malformed('seed is not 64 hex digits');
  if (!Number.isSafeInteger(cohort) || cohort < 0 || cohort > 2 ** 31)
    return malformed('cohort is no number of buyers');
  const actualHash = seedHashOf(seed);
  if (actualHash !== seedHash) return { outcome: 'seed-differs', actualHash };
  if (joinIndex >= cohort) return { outcome: 'behind-cohort', place: joinIndex };
  return {
    outcome: 'drawn',
    place: createDraw({ seed, cohort, beacon: beacon ?? undefined }).placeOf(joinIndex),
  };
}

const malformed = (problem: string): DrawVerdict => ({ outcome: 'malformed', problem });
