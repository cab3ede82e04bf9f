import type { ServingPiece } from '@onsale/waiting-room/serving';

/** A place in the waiting room. Buyers are pseudonyms throughout: the salt they were made with is thrown away. */
export interface PlaceRecord {
  readonly joinIndex: number;
  readonly place: number;
  readonly buyer: string;
  readonly takenAtMs: number;
}

export interface OrderRecord {
  readonly orderId: string;
  readonly intentId: string;
  readonly buyer: string;
  readonly status: string;
  readonly reason: string | null;
  readonly seatIds: readonly string[];
  readonly amountMinor: number;
  readonly createdAtMs: number;
}

export interface TicketRecord {
  readonly ticketId: string;
  readonly orderId: string;
  readonly seatId: string;
  readonly priceMinor: number;
  readonly status: 'VALID' | 'CANCELLED';
  readonly issuedAtMs: number;
  readonly cancelledAtMs: number | null;
  readonly enteredAtMs: number | null;
}

/** A captured payment. */
export interface PaymentRecord {
  readonly paymentId: string;
  readonly intentId: string;
  readonly amountMinor: number;
  /** It pays for its intent's order; else it goes back whole. */
  readonly pays: boolean;
  readonly capturedAtMs: number;
}

export interface RefundRecord {
  readonly refundId: string;
  readonly paymentId: string;
  readonly amountMinor: number;
  readonly reason: string;
  /** Null while the provider has not taken it. */
  readonly refundedAtMs: number | null;
}

/** What is exported of a sale, one file each: `data/<name>.ndjson`, one record a line. */
export interface ReportData {
  readonly places: readonly PlaceRecord[];
  readonly orders: readonly OrderRecord[];
  readonly tickets: readonly TicketRecord[];
  readonly payments: readonly PaymentRecord[];
  readonly refunds: readonly RefundRecord[];
}

/** What a report says of the sale itself. */
export interface SaleFacts {
  readonly eventId: string;
  readonly saleId: string;
  readonly title: string;
  readonly currency: string;
  readonly opensAtMs: number;
  readonly closesAtMs: number;
  readonly createdAtMs: number;
  readonly cancellation: { readonly atMs: number; readonly reason: string } | null;
  /** `seed` and `cohort` are null before the draw. */
  readonly draw: {
    readonly seedHash: string;
    readonly seed: string | null;
    readonly cohort: number | null;
    readonly beacon: string | null;
  };
  readonly serving: readonly ServingPiece[];
  /** Places taken, as the waiting room counted them; more than are exported when some lapsed or were forgotten. */
  readonly entered: number;
}
