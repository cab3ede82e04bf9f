import type { CommitMessage } from '@onsale/contracts/queue/commit-message';
import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import type { SaleId } from '@onsale/contracts/sale/sale-id';
import type { SeatPosition } from '@onsale/contracts/sale/seat-map';
import type { HoldId } from './hold-id.ts';

/**
 * The seats of sales. Operations reject with ApiError 503: `cache_unavailable` while Redis is away, `rebuilding` while a
 * sale's seats are restored, `unavailable` while DynamoDB (or, restoring, PostgreSQL) is away; all may be repeated then.
 */
export interface SeatInventory {
  /** Makes a sale's seats ready; returns at once when they are. What exists is never touched. */
  ensureSale(published: PublishedEvent, saleId: SaleId): Promise<void>;
  /**
   * Holds all asked seats or none. Asking again with the same holdId after an answer gives that answer; after a rejection
   * take a new holdId.
   */
  placeHold(request: PlaceHold): Promise<HoldOutcome>;
  /** Gives held seats back, if the proof is the holder's; `released` tells whether any seat became free. */
  releaseHold(request: ReleaseHold): Promise<{ readonly released: boolean }>;
  /** Whether all of these seats are the buyer's: held, committing or sold. */
  isHolder(request: SeatsOfBuyer): Promise<boolean>;
  /** All seats stop lapsing and their lock items take the message, or none does. */
  beginCommit(request: SeatsOfBuyer & { readonly message: CommitMessage }): Promise<BeginCommitOutcome>;
  /** Seats of a confirmed order are sold. */
  markSold(
    request: SeatsOfBuyer & { readonly orderId: string; readonly intentId?: string | undefined },
  ): Promise<void>;
  /** Frees what this buyer is committing of these seats; of one intent only, where it is named. */
  freeCommitting(request: SeatsOfBuyer & { readonly intentId?: string | undefined }): Promise<void>;
  /** Seats of a cancelled order are free again. */
  returnSold(request: Omit<SeatsOfBuyer, 'userId'> & { readonly orderId: string }): Promise<void>;
  /** Counts of one section, at most a second old. */
  readSummary(published: PublishedEvent, saleId: SaleId, sectionIndex: number): Promise<SectionSummary>;
  /** All seats, at most a second old; the same object until a seat changes. */
  readSeatMap(published: PublishedEvent, saleId: SaleId): Promise<SeatMapSnapshot>;
  /** What the two would answer from memory; undefined where they would ask Redis. */
  knownSummary(saleId: SaleId, sectionIndex: number): SectionSummary | undefined;
  knownSeatMap(saleId: SaleId): SeatMapSnapshot | undefined;
  /** Free seats of all sections, at most a second old. */
  countFree(published: PublishedEvent, saleId: SaleId): Promise<number>;
  /** Frees lapsed holds nobody has asked about, a bounded number; resolves with how many it freed. */
  reapLapsed(published: PublishedEvent, saleId: SaleId): Promise<number>;
  /** Whether Redis has all of the sale's sections as they were published on the servers of now. */
  isWhole(published: PublishedEvent, saleId: SaleId): Promise<boolean>;
  /** Restores a sale's seats in Redis from lock items and tickets. `elsewhere`: another replica is at it. */
  rebuild(published: PublishedEvent, saleId: SaleId): Promise<RebuildOutcome>;
  /** Resolves when what goes on behind answers (caps given back, lock items removed) is done. */
  drain(): Promise<void>;
}

export interface SeatsOfBuyer {
  readonly published: PublishedEvent;
  readonly saleId: SaleId;
  readonly userId: string;
  readonly seatIds: readonly string[];
}

export interface PlaceHold {
  readonly published: PublishedEvent;
  readonly saleId: SaleId;
  readonly userId: string;
  /** By createHoldId for the section asked for. */
  readonly holdId: HoldId;
  /**
   * Seats of one section, or the best available of one: neighbours nearest the front and the centre, or where no row has as
   * many, the largest groups there are; wheelchair spaces and their companion seats only where one is asked for.
   */
  readonly seats:
    | readonly SeatPosition[]
    | {
        readonly sectionIndex: number;
        /** With `wheelchair` 1 or 2: a space, and its companion seat. */
        readonly seatCount: number;
        readonly wheelchair?: boolean;
      };
  /** The buyer was admitted and did nothing about it for too long. */
  readonly turnLapsed: boolean;
  readonly closesAtMs: number;
}

export type HoldOutcome =
  | {
      readonly outcome: 'held';
      readonly holdId: HoldId;
      readonly seatIds: readonly string[];
      readonly expiresAtMs: number;
    }
  | { readonly outcome: 'taken' }
  | { readonly outcome: 'sold-out' }
  | { readonly outcome: 'limit-reached' }
  | { readonly outcome: 'turn-lapsed' }
  | { readonly outcome: 'closed' };

export interface ReleaseHold {
  readonly published: PublishedEvent;
  readonly saleId: SaleId;
  /** Absent: all seats of the hold; the proof must be the holdId then. */
  readonly seats?: readonly SeatPosition[] | undefined;
  readonly proof: { readonly userId: string } | { readonly holdId: string };
}

export interface BeginCommitOutcome {
  readonly outcome: 'committing' | 'not-held' | 'hold-expired';
}

export interface SectionSummary {
  readonly free: number;
  /** Held or committing. */
  readonly held: number;
  readonly sold: number;
  readonly blocked: number;
  /** Changes with every change of a seat; comparable within a section only. */
  readonly version: string;
  readonly updatedAtMs: number;
}

export interface SeatMapSnapshot {
  readonly saleId: SaleId;
  /** Changes whenever a seat does; a few letters and digits. */
  readonly version: string;
  readonly updatedAtMs: number;
  /** In the order of the event's sections. */
  readonly sections: readonly SectionSnapshot[];
}

export interface SectionSnapshot extends SectionSummary {
  /** One letter a seat, row by row: f free, h held, s sold, b blocked. */
  readonly seats: string;
}

export type RebuildOutcome =
  | {
      readonly outcome: 'published';
      readonly held: number;
      readonly sold: number;
      readonly blocked: number;
      readonly epoch: number;
    }
  | { readonly outcome: 'elsewhere' };

/** A seat that PostgreSQL has a live ticket for. */
export interface TicketedSeat {
  readonly seatId: string;
  readonly userId: string;
  readonly orderId: string;
}
