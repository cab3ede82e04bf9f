import type { ServingPiece } from './serving.ts';

/** A sale's room as it is shared by all processes. */
export interface RoomState {
  /** Goes up with every change but the counter's; of two states of a room the higher one is newer. */
  readonly version: number;
  /** The next join index to lease; all below are leased or skipped. */
  readonly next: number;
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
}
