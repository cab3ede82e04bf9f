import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import type { SaleWindow } from '@onsale/contracts/sale/sale-window';
import type { RateChange } from './change-rate.ts';
import type { RoomRecord } from './room-record.ts';
import type { PodsSummary } from './admission/pods.ts';
import type { RoomAdmission } from './room-state.ts';

/** A buyer's standing, in the contract's units. */
export interface Standing {
  readonly ready: boolean;
  /** False until the places of those who came before the opening are drawn. */
  readonly drawn: boolean;
  /** Buyers still before this one; 0 until drawn. */
  readonly position: number;
  /** Seconds until the turn as far as known; 0 when ready. */
  readonly leftSec: number;
  /** When to ask again, jittered. */
  readonly pollAfterSec: number;
  /** Why the line moves as it does. */
  readonly admission: RoomAdmission['state'];
}

export interface Entered extends Standing {
  readonly roomToken: string;
  /** What the draw permutes. */
  readonly joinIndex: number;
}

export type RoomStatus =
  | ({ readonly outcome: 'known' } & Standing)
  /** No token of ours, or its sale is over. */
  | { readonly outcome: 'expired' }
  /** The token is good, and this process has not heard of its sale yet: `learn` asks. */
  | { readonly outcome: 'unread' };

export type VerifiedTurn =
  /** `lapsed`: so long ago that a place never used is no good any more. */
  | {
      readonly outcome: 'admitted';
      readonly userId: string;
      readonly joinIndex: number;
      readonly lapsed: boolean;
    }
  | { readonly outcome: 'not-yet'; readonly retryAfterSec: number }
  /** Forged, or of another sale. */
  | { readonly outcome: 'invalid' };

/** How fast buyers are to be admitted, how fast they are, and the pods they are admitted to. */
export interface SaleCapacity {
  /** Places per second the operator or the event asks for. */
  readonly plannedRate: number;
  readonly admission: RoomAdmission;
  readonly pods: PodsSummary;
}

/** The waiting rooms of all sales, as one process sees them. */
export interface WaitingRoom {
  /** Makes the sale's room in PostgreSQL (the seed, once) and Redis, and known here; idempotent, at once when it is known. */
  ensureRoom(published: PublishedEvent, sale: SaleWindow): Promise<void>;
  /** Takes a place, or finds the buyer's. The caller has checked that the room is open. */
  enter(request: {
    readonly published: PublishedEvent;
    readonly sale: SaleWindow;
    readonly userId: string;
  }): Promise<Entered>;
  /** A signature check and arithmetic; no I/O. */
  roomStatus(token: string): RoomStatus;
  /** Like roomStatus, for the answer `unread`: reads the token's sale first. */
  learn(token: string): Promise<RoomStatus>;
  /** Whether the token's buyer is admitted to this sale; no I/O. Before a first request, `ensureRoom` the sale. */
  verifyTurn(token: string, published: PublishedEvent, sale: SaleWindow): VerifiedTurn;
  /** For a place that lapsed unused: the buyer's next enter takes a new one at the back. False when it is not theirs. */
  lapsePlace(
    sale: SaleWindow,
    place: { readonly userId: string; readonly joinIndex: number },
  ): Promise<boolean>;
  roomRecord(published: PublishedEvent, sale: SaleWindow): Promise<RoomRecord>;
  /** What the sale's admission goes by, for its operator. */
  saleCapacity(published: PublishedEvent, sale: SaleWindow): Promise<SaleCapacity>;
  /** Pauses, resumes or sets the rate; takes effect at least two seconds later. Returns the rate from then on. */
  changeRate(
    published: PublishedEvent,
    sale: SaleWindow,
    change: RateChange,
  ): Promise<{ readonly ratePerSecond: number; readonly effectiveAtMs: number }>;
  /** Mixes public randomness into the draw, until the opening. */
  setBeacon(
    published: PublishedEvent,
    sale: SaleWindow,
    beacon: string,
  ): Promise<{ readonly outcome: 'set' | 'too-late' }>;
  /** Places taken in the sale, for reports. */
  countEntered(published: PublishedEvent, sale: SaleWindow): Promise<number>;
  /** Reads every room in use and keeps them up to date until `stop`. */
  start(): Promise<void>;
  stop(): Promise<void>;
}
