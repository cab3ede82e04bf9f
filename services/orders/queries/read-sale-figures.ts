import { asUnavailable } from '@onsale/platform/engine-errors';
import type { Pool } from 'pg';
import { loadSql } from '../load-sql.ts';

/** What a sale's orders and money come to; amounts in minor units. */
export interface SaleFigures {
  /** Orders still to be decided. */
  readonly queue: number;
  readonly confirmed: number;
  readonly rejected: number;
  readonly cancelled: number;
  /** Orders with a capture that pays for them. */
  readonly paid: number;
  readonly oldestUnfinishedAt: Date | null;
  /** Tickets of general admission taken. */
  readonly stockSold: number;
  readonly refunds: {
    readonly due: number;
    readonly sent: number;
    readonly failed: number;
    readonly dueAmount: number;
    readonly sentAmount: number;
  };
}

interface Row {
  sale_id: string;
  queue: number;
  confirmed: number;
  rejected: number;
  cancelled: number;
  paid: number;
  oldest_unfinished: Date | null;
  refunds_due: number;
  refunds_sent: number;
  refunds_failed: number;
  due_minor: number;
  sent_minor: number;
  stock_sold: number;
}

const readFigures = loadSql('read-sale-figures');

/** Counts the orders of sales, in one query for all of them; each sale asked for is in the map. */
export async function readSaleFigures(
  pool: Pool,
  saleIds: readonly string[],
): Promise<ReadonlyMap<string, SaleFigures>> {
  try {
    // Planned anew each time, for as many orders as there are by now.
    const { rows } = await pool.query<Row>(readFigures.text, [saleIds]);
    return new Map(rows.map((row) => [row.sale_id, figuresOf(row)]));
  } catch (error) {
    throw asUnavailable(error) ?? error;
  }
}

const figuresOf = (row: Row): SaleFigures => ({
  queue: row.queue,
  confirmed: row.confirmed,
  rejected: row.rejected,
  cancelled: row.cancelled,
  paid: row.paid,
  oldestUnfinishedAt: row.oldest_unfinished,
  stockSold: row.stock_sold,
  refunds: {
    due: row.refunds_due,
    sent: row.refunds_sent,
    failed: row.refunds_failed,
    dueAmount: row.due_minor,
    sentAmount: row.sent_minor,
  },
});
