/** Unseated tickets one buyer took at once. Buyers are pseudonyms, as in a sale of seats. */
export interface ReservationRecord {
  readonly id: number;
  readonly buyer: string;
  readonly quantity: number;
  readonly status: 'CONFIRMED' | 'CANCELLED';
  readonly createdAtMs: number;
  readonly cancelledAtMs: number | null;
}

/** What is exported of a sale of unseated tickets, as `data/reservations.ndjson`. */
export interface StockData {
  readonly reservations: readonly ReservationRecord[];
}

/** What a report says of a sale of unseated tickets itself. */
export interface StockFacts {
  readonly eventId: string;
  readonly saleId: string;
  readonly title: string;
  readonly currency: string;
  readonly opensAtMs: number;
  readonly closesAtMs: number;
  readonly createdAtMs: number;
  readonly cancellation: { readonly atMs: number; readonly reason: string } | null;
  readonly capacity: number;
  /** Null where anybody may take all. */
  readonly perBuyer: number | null;
  readonly priceMinor: number;
  /** Tickets gone by the stock's own count, which decides. */
  readonly stockSold: number;
}
