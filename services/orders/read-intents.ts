import type { PoolClient } from 'pg';
import { loadSql } from './load-sql.ts';
import { openOrderOf, type OpenOrder, type OpenOrderRow } from './open-order.ts';

/** An intent, locked, with all that decides what becomes of its order. */
export interface LockedIntent {
  readonly intentId: string;
  readonly userId: string;
  readonly eventId: string;
  readonly saleId: string;
  readonly seatIds: readonly string[];
  readonly amountMinor: number;
  readonly currency: string;
  readonly order: OpenOrder | undefined;
  /** The payment that pays for it. */
  readonly payingPaymentId: string | null;
  /** The order's deadline has passed. */
  readonly overdue: boolean;
  /** Nothing of it may be sold any more. */
  readonly eventCancelled: boolean;
  /** Seats somebody has a live ticket for; only looked up on demand. */
  readonly takenSeatIds: readonly string[];
}

type Row = Omit<OpenOrderRow, 'order_id'> & {
  order_id: string | null;
  amount_minor: number;
  currency: string;
  overdue: boolean;
  paying: string | null;
  event_cancelled: boolean;
  taken: string[];
};

const lockIntentRows = loadSql('lock-intents');
const readIntentRows = loadSql('read-intents');

/** Locks intents until the transaction ends and reads them, by id; those nobody knows are missing. */
export async function lockIntents(
  client: PoolClient,
  intentIds: readonly string[],
  options: { readonly takenSeats: boolean },
): Promise<Map<string, LockedIntent>> {
  const [, { rows }] = await Promise.all([
    client.query({ ...lockIntentRows, values: [intentIds] }),
    client.query<Row>({ ...readIntentRows, values: [intentIds, options.takenSeats] }),
  ]);
  return new Map(rows.map((row) => [row.intent_id, lockedIntentOf(row)]));
}

function lockedIntentOf(row: Row): LockedIntent {
  const { order_id } = row;
  return {
    intentId: row.intent_id,
    userId: row.user_id,
    eventId: row.event_id,
    saleId: row.sale_id,
    seatIds: row.seat_ids,
    amountMinor: row.amount_minor,
    currency: row.currency,
    order: order_id === null ? undefined : openOrderOf({ ...row, order_id }),
    payingPaymentId: row.paying,
    overdue: row.overdue,
    eventCancelled: row.event_cancelled,
    takenSeatIds: row.taken,
  };
}
