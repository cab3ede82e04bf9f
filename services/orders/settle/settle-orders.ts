import type { Pool } from 'pg';
import { loadSql } from '../load-sql.ts';
import type { OrderMetrics } from '../order-metrics.ts';
import type { OrderSettings } from '../order-settings.ts';
import type { RejectionReason } from '../order-status.ts';
import { lockIntents, type LockedIntent } from '../read-intents.ts';
import { inTransaction } from '../transaction.ts';

/** What becomes of an order. */
export type Settlement =
  | { readonly orderId: string; readonly status: 'CONFIRMED' | 'AWAITING_PAYMENT' }
  | { readonly orderId: string; readonly status: 'REJECTED'; readonly reason: RejectionReason };

export interface SettleDeps {
  readonly pool: Pool;
  readonly settings: OrderSettings;
  readonly metrics: OrderMetrics;
}

interface SettledRow {
  order_id: string;
  status: Settlement['status'];
  reason: RejectionReason | null;
  seconds: number;
  refund_due: boolean;
}

const settleRows = loadSql('settle-orders');
/** What should follow at once is overdue after this. */
const followUpMs = 2000;

/**
 * Locks intents, lets `decide` say what becomes of their orders, and writes it, all in one short transaction that may run
 * more than once: `decide` gets what is true then and must have no effects. Returns the ids of the orders that ended.
 */
export async function settleOrders(
  { pool, settings, metrics }: SettleDeps,
  intentIds: readonly string[],
  decide: (intents: ReadonlyMap<string, LockedIntent>) => readonly Settlement[],
): Promise<string[]> {
  const rows = await inTransaction(pool, async (client) => {
    const settlements = decide(await lockIntents(client, intentIds, { takenSeats: true }));
    if (settlements.length === 0) return [];
    const asked = settlements.map((settlement) => ({
      order_id: settlement.orderId,
      status: settlement.status,
      reason: settlement.status === 'REJECTED' ? settlement.reason : null,
    }));
    const settled = await client.query<SettledRow>({
      ...settleRows,
      values: [JSON.stringify(asked), settings.paymentWaitSeconds, followUpMs],
    });
    return settled.rows;
  });
  const ended = rows.filter((row) => row.status !== 'AWAITING_PAYMENT');
  for (const row of ended) {
    metrics.orders.inc({ outcome: row.reason ?? 'confirmed' });
    metrics.secondsToTerminal.observe(row.seconds);
    if (row.refund_due) metrics.refunds.inc({ result: 'due' });
  }
  return ended.map((row) => row.order_id);
}
