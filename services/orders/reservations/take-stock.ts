import type { Pool } from 'pg';
import { isAnswerTo, type Reservation } from './reservation.ts';

/** One sale's stock of unseated tickets. */
export interface StockOfSale {
  readonly saleId: string;
  readonly eventNumber: number;
  readonly capacity: number;
  /** Most tickets a buyer may have of this sale; null for no limit. */
  readonly perBuyer: number | null;
}

export interface StockRequest {
  /** The client's Idempotency-Key, or a fresh one. */
  readonly key: string;
  readonly userId: string;
  readonly quantity: number;
}

export type StockOutcome =
  /** `replayed` reservations were there before, as they are now. */
  | { readonly outcome: 'reserved' | 'replayed'; readonly reservation: Reservation }
  | { readonly outcome: 'sold-out' | 'limit-reached' | 'key-reused' };

interface Row {
  request: number;
  refusal: 'sold-out' | 'limit-reached' | null;
  fresh: boolean;
  reservation_id: number;
  reservation_event: number;
  reservation_user: string;
  reservation_quantity: number;
  reservation_status: Reservation['status'];
  reservation_created_at: Date;
}

/**
 * Decides a batch of requests for one sale's stock in one statement, in the order given: each gets all it asks for or
 * nothing. Rejects when PostgreSQL cannot tell; the batch may then have been decided, and giving it again with the same
 * keys finds out.
 */
export async function takeStock(
  pool: Pool,
  stock: StockOfSale,
  requests: readonly StockRequest[],
): Promise<StockOutcome[]> {
  const { rows } = await pool.query<Row>({
    name: 'take-stock',
    text: 'select * from take_stock($1, $2, $3, $4, $5, $6, $7) order by request',
    values: [
      stock.saleId,
      stock.eventNumber,
      stock.capacity,
      stock.perBuyer,
      requests.map((request) => request.key),
      requests.map((request) => request.userId),
      requests.map((request) => request.quantity),
    ],
  });
  return requests.map((asked, index) => {
    const row = rows[index];
    if (!row) throw new Error(`take_stock answered ${rows.length} of ${requests.length} requests`);
    return outcomeOf(row, stock, asked);
  });
}

function outcomeOf(row: Row, stock: StockOfSale, asked: StockRequest): StockOutcome {
  if (row.refusal) return { outcome: row.refusal };
  const reservation = {
    id: row.reservation_id,
    eventNumber: row.reservation_event,
    userId: row.reservation_user,
    quantity: row.reservation_quantity,
    status: row.reservation_status,
    createdAt: row.reservation_created_at,
  };
  if (!isAnswerTo(reservation, stock.eventNumber, asked)) return { outcome: 'key-reused' };
  return { outcome: row.fresh ? 'reserved' : 'replayed', reservation };
}
