import type { Draw } from './draw.ts';
import type { RoomState } from './room-state.ts';
import { reachedAtMs, servingNumber } from './serving.ts';

/** Where a buyer stands at an instant. */
export interface Turn {
  readonly drawn: boolean;
  /** The serving number has reached the place. */
  readonly ready: boolean;
  /** Buyers still before this one; 0 until drawn. */
  readonly position: number;
  /** Until the turn as far as known; 0 when ready. */
  readonly leftMs: number;
  /** Admitted so long ago that the turn is over, unless it was used. */
  readonly lapsed: boolean;
}

export interface TurnInput {
  readonly state: RoomState;
  /** Of the sealed cohort; undefined before. */
  readonly draw: Draw | undefined;
  /** Places per second the event plans with: what a paused room is reckoned with. */
  readonly plannedRate: number;
  readonly joinIndex: number;
  readonly takenAtMs: number;
  readonly nowMs: number;
}

/** An admitted place not used within this time lapses. */
export const unusedPlaceLapsesMs = 600_000;

/** Tells a buyer's turn from the room's state: arithmetic, no I/O. */
export function turnOf({ state, draw, plannedRate, joinIndex, takenAtMs, nowMs }: TurnInput): Turn {
  const { pieces } = state;
  if (!draw) {
    // Any place of the cohort is as likely; the cohort as it is now is what is known of it.
    const expectedMs = (state.next / 2 / plannedRate) * 1000;
    const leftMs = Math.max(0, state.opensAtMs - nowMs) + expectedMs;
    return { drawn: false, ready: false, position: 0, leftMs, lapsed: false };
  }
  const place = draw.placeOf(joinIndex);
  const serving = servingNumber(pieces, nowMs);
  if (place <= serving) {
    // The serving number may have passed a place long before a buyer took it.
    const admittedAtMs = Math.max(reachedAtMs(pieces, place), takenAtMs);
    const lapsed = nowMs - admittedAtMs > unusedPlaceLapsesMs;
    return { drawn: true, ready: true, position: 0, leftMs: 0, lapsed };
  }
  const reached = reachedAtMs(pieces, place);
  // Paused, nobody knows for how long: as if it went on at once.
  const leftMs = Number.isFinite(reached) ? reached - nowMs : ((place - serving) / plannedRate) * 1000;
  return { drawn: true, ready: false, position: place - serving - 1, leftMs, lapsed: false };
}
