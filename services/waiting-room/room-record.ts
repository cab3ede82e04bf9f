import type { SaleWindow } from '@onsale/contracts/sale/sale-window';
import { seedHashOf } from './draw.ts';
import type { RoomAdmission, RoomState } from './room-state.ts';
import { currentPieces, openingPiece, type ServingPiece } from './serving.ts';

/** The public record of a sale's room: enough to compute one's own turn, and to check the draw. */
export interface RoomRecord {
  readonly eventId: string;
  readonly saleId: string;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly opensAt: string;
  readonly closesAt: string;
  readonly serving: ServingPiece;
  readonly next: ServingPiece | null;
  readonly admission: RoomAdmission['state'];
  readonly draw: {
    /** Empty until the room opens. */
    readonly seedHash: string;
    readonly seed: string | null;
    readonly cohort: number | null;
    readonly beacon: string | null;
  };
}

export interface RoomRecordInput {
  readonly eventId: string;
  readonly sale: SaleWindow;
  readonly state: RoomState;
  /** Places per second the room opens with. */
  readonly openingRate: number;
  readonly admission: RoomAdmission['state'];
  readonly nowMs: number;
}

/** Whoever reads a record may go on by it for this long. */
const recordKeptMs = 1000;

/**
 * Shows of a room's state what may be shown at this instant: the seed only once nobody can be added to the cohort, and of an
 * opening that is late, because a store is away, that nobody is served yet. A room is served from its late seal on: a number
 * that had grown since the opening would fall back then.
 */
export function toRoomRecord({
  eventId,
  sale,
  state,
  openingRate,
  admission,
  nowMs,
}: RoomRecordInput): RoomRecord {
  const opensAtMs = nowMs < sale.opensAtMs ? sale.opensAtMs : nowMs + recordKeptMs;
  const { serving, next } = state.seal
    ? currentPieces(state.pieces, nowMs)
    : { serving: openingPiece(opensAtMs, openingRate), next: undefined };
  return {
    eventId,
    saleId: sale.saleId,
    now: nowMs,
    opensAt: new Date(sale.opensAtMs).toISOString(),
    closesAt: new Date(sale.closesAtMs).toISOString(),
    serving,
    next: next ?? null,
    admission,
    draw: {
      seedHash: nowMs < sale.roomOpensAtMs && !state.seal ? '' : seedHashOf(state.seed),
      seed: state.seal ? state.seed : null,
      cohort: state.seal?.cohort ?? null,
      beacon: state.beacon ?? null,
    },
  };
}
