/** An order as PostgreSQL has it at the end. Times are milliseconds since the epoch. */
export interface OrderRow {
  readonly orderId: string;
  readonly intentId: string;
  readonly alone: boolean;
  readonly userId: string;
  readonly saleId: string | null;
  readonly seatIds: readonly string[];
  readonly amountMinor: number;
  readonly status: string;
  readonly reason: string | null;
  readonly createdAtMs: number;
  /** When its hold was known not to lapse any more. */
  readonly begunAtMs: number | null;
  readonly isDue: boolean;
}

export interface TicketRow {
  readonly ticketId: string;
  readonly orderId: string;
  readonly saleId: string;
  readonly seatId: string;
  readonly priceMinor: number;
  readonly status: string;
  readonly issuedAtMs: number;
  readonly cancelledAtMs: number | null;
}

export interface IntentRow {
  readonly intentId: string;
  readonly key: string;
  readonly userId: string;
  readonly saleId: string;
  readonly seatIds: readonly string[];
  readonly amountMinor: number;
  readonly createdAtMs: number;
}

export interface CaptureRow {
  readonly paymentId: string;
  readonly intentId: string;
  readonly amountMinor: number;
  readonly pays: boolean;
}

export interface RefundRow {
  readonly refundId: string;
  readonly paymentId: string;
  readonly amountMinor: number;
  readonly isDone: boolean;
}

export interface ReservationRow {
  readonly id: number;
  readonly saleId: string;
  readonly userId: string;
  readonly quantity: number;
  readonly status: string;
  readonly key: string;
}

export interface StockRow {
  readonly saleId: string;
  readonly capacity: number;
  readonly sold: number;
}

/** A section as Redis has it at the end. */
export interface SectionState {
  /** Row of its first seat. */
  readonly firstRow: number;
  readonly seatsPerRow: number;
  readonly seatCount: number;
  readonly id: string;
  /** One letter a seat, f h s b; undefined when the key is gone. */
  readonly seats: string | undefined;
  readonly counts: {
    readonly free: number;
    readonly held: number;
    readonly sold: number;
    readonly blocked: number;
  };
  /** Holds in state held or committing: `state owner seatIndexes`. */
  readonly openHolds: readonly string[];
}

/** A lock item of DynamoDB. */
export interface LockRow {
  readonly holdId: string;
  readonly state: string;
  readonly owner: string;
  readonly seatIds: readonly string[];
  readonly expiresAtMs: number;
}

/** One seated sale: how it was set up, and what the stores hold of it. */
export interface SeatedSale {
  readonly eventId: string;
  readonly saleId: string;
  readonly perBuyer: number;
  readonly holdTtlMs: number;
  readonly opensAtMs: number;
  readonly closesAtMs: number;
  readonly sections: readonly SectionState[];
  readonly lockItems: readonly LockRow[];
}

export interface StockSale {
  readonly eventId: string;
  readonly saleId: string;
  readonly capacity: number;
  readonly perBuyer: number;
}

/** What the payment provider knows: the truth about money. */
export type LedgerEntry =
  | {
      readonly kind: 'capture';
      readonly paymentId: string;
      readonly intentId: string;
      readonly amount: number;
    }
  | {
      readonly kind: 'refund';
      readonly refundId: string;
      readonly paymentId: string;
      readonly amount: number;
    };

/** A fault that took something from Redis, or put something old back. */
export interface RedisLoss {
  readonly fromMs: number;
  /** Buyers' places went with it. */
  readonly placesToo: boolean;
}

/** All the stores once it is quiet: no order under way, no hold left, no refund due. */
export interface World {
  readonly quietAtMs: number;
  /** What kept it from getting quiet in time; empty when it did. */
  readonly unsettled: readonly string[];
  readonly orders: readonly OrderRow[];
  readonly tickets: readonly TicketRow[];
  readonly intents: readonly IntentRow[];
  readonly captures: readonly CaptureRow[];
  readonly refunds: readonly RefundRow[];
  readonly reservations: readonly ReservationRow[];
  readonly stock: readonly StockRow[];
  /** Commit keys and their orders. */
  readonly commitKeys: ReadonlyMap<string, string>;
  readonly ledger: readonly LedgerEntry[];
  readonly sales: readonly SeatedSale[];
  /** The same once more, after Redis was emptied when all was quiet and has been restored. */
  readonly restoredSales: readonly SeatedSale[];
  readonly stockSales: readonly StockSale[];
  /** Messages still on the commit queue, and put away on the other one. */
  readonly queued: number;
  readonly deadLettered: number;
  readonly redisLosses: readonly RedisLoss[];
  /** `saleId seatId` that a fault wrote lies about into Redis; of these PostgreSQL alone has to be right. */
  readonly tamperedSeats: ReadonlySet<string>;
}
