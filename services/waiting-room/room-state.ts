import type { ServingPiece } from './serving.ts';

/** Why admission is as fast as it is: what of all limits is the lowest. */
export type AdmissionLimit =
  | 'planned'
  | 'pods'
  | 'latency'
  | 'backlog'
  | 'active'
  | 'seats'
  | 'none-free'
  | 'sold-out'
  | 'paused';

/** What the last decision about a sale's admission came to. */
export interface RoomAdmission {
  /** Places per second decided; the serving number follows some seconds later. */
  readonly ratePerSecond: number;
  /**
   * Why the line moves as it does: as planned; slower, as the system has more to do; not at all while every seat is held and
   * some may come back; not at all as nothing is left; not at all as the operator stopped it.
   */
  readonly state: 'open' | 'slowed' | 'none_free' | 'sold_out' | 'paused';
  /** For the operator; absent where an older version decided. */
  readonly limitedBy?: AdmissionLimit;
}

/** A sale's room as it is shared by all processes. */
export interface RoomState {
  /** Goes up with every change but the counter's; of two states of a room the higher one is newer. */
  readonly version: number;
  /** The next join index to lease; all below are leased or skipped. */
  readonly next: number;
  /** Goes up with every new counter the room gets because Redis may have lost of the old one. */
  readonly generation: number;
  /** The opening instant the room will be, or was, sealed at. */
  readonly opensAtMs: number;
  /** Undefined until the opening; then it never changes. */
  readonly seal: { readonly cohort: number; readonly sealedAtMs: number } | undefined;
  /** In order of their beginning; empty until sealed. */
  readonly pieces: readonly ServingPiece[];
  /** Places per second the operator asked for; undefined follows the event. */
  readonly rateOverride: number | undefined;
  /** Hex; not to be shown before the seal. */
  readonly seed: string;
  readonly beacon: string | undefined;
  /** Places taken, for reports: exact but for what processes that ended abruptly had not told yet. */
  readonly entered: number;
  /** In Redis only; undefined where admission does not follow the system. */
  readonly admission: RoomAdmission | undefined;
}

/** A room that has opened. */
export type SealedRoomState = RoomState & { readonly seal: NonNullable<RoomState['seal']> };

/**
 * Which of two states of a room holds, the first when they are alike. A seal does, whatever Redis has fallen back to;
 * of two, which only a version that sealed in Redis can have made, the first: buyers have been told places by it. Else the
 * higher version.
 */
export function prevailing(one: RoomState, other: RoomState): RoomState {
  if (one.seal?.sealedAtMs === other.seal?.sealedAtMs) return other.version > one.version ? other : one;
  if (!one.seal) return other;
  if (!other.seal) return one;
  return one.seal.sealedAtMs < other.seal.sealedAtMs ? one : other;
}
