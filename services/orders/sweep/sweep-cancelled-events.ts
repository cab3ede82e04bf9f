import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { queryRows } from '../connect.ts';
import { loadSql } from '../load-sql.ts';
import type { OrderMetrics } from '../order-metrics.ts';
import type { OrderSettings } from '../order-settings.ts';
import { isTerminal } from '../order-status.ts';
import type { Projector } from '../project/projector.ts';
import { settleOrders } from '../settle/settle-orders.ts';
import { inTransaction } from '../transaction.ts';

export interface CancelledEventsDeps {
  readonly pool: Pool;
  readonly projector: Projector;
  readonly settings: OrderSettings;
  readonly metrics: OrderMetrics;
  readonly logger: Logger;
}

const lockOrdersToCancel = loadSql('lock-orders-to-cancel');
const cancelOrders = loadSql('cancel-orders');
const findOrdersToRefuse = loadSql('find-orders-to-refuse');
const cancelReservations = loadSql('cancel-reservations');

/** What should follow at once is overdue after this. */
const followUpMs = 2000;

/**
 * Makes the sweep that ends what cancelled events still have: orders under way are rejected, confirmed ones cancelled, all
 * captures go back, reservations are given back. Each pass takes up at most `limit` of each and resolves with how many.
 *
 * It looks at what is there and keeps no list, and goes on looking for good: an order that was being confirmed while the
 * event was cancelled, by whatever version, is found by the next pass; so is what a worker that died left half done.
 */
export function createCancelledEventsSweep(deps: CancelledEventsDeps): (limit: number) => Promise<number> {
  const { pool, projector, metrics, logger } = deps;

  const refuse = async (limit: number) => {
    const rows = await queryRows<{ intent_id: string }>(pool, { ...findOrdersToRefuse, values: [limit] });
    if (rows.length === 0) return 0;
    const ended = await settleOrders(
      deps,
      rows.map((row) => row.intent_id),
      (intents) =>
        [...intents.values()].flatMap(({ order, eventCancelled }) =>
          order && eventCancelled && !isTerminal(order.status)
            ? [{ orderId: order.orderId, status: 'REJECTED' as const, reason: 'event_cancelled' as const }]
            : [],
        ),
    );
    projector.projectSoon(ended);
    return ended.length;
  };

  const cancel = async (limit: number) => {
    const cancelled = await inTransaction(pool, async (client) => {
      const locked = await client.query<{ order_id: string }>({ ...lockOrdersToCancel, values: [limit] });
      if (locked.rows.length === 0) return [];
      const ids = locked.rows.map((row) => row.order_id);
      const { rows } = await client.query<{ order_id: string }>({
        ...cancelOrders,
        values: [ids, 'event_cancelled', followUpMs],
      });
      return rows.map((row) => row.order_id);
    });
    metrics.refunds.inc({ result: 'due' }, cancelled.length);
    metrics.orders.inc({ outcome: 'cancelled' }, cancelled.length);
    projector.projectSoon(cancelled);
    return cancelled.length;
  };

  const giveBack = async (limit: number) => {
    const [row] = await queryRows<{ cancelled: number }>(pool, { ...cancelReservations, values: [limit] });
    return row!.cancelled;
  };

  return async (limit) => {
    const refused = await refuse(limit);
    const cancelled = await cancel(limit);
    const reservations = await giveBack(limit);
    const found = refused + cancelled + reservations;
    metrics.swept.inc({ kind: 'cancelled-events' }, found);
    if (found > 0) {
      const counts = { refused, cancelled, reservations };
      logger.info({ event: 'cancelled_event_swept', ...counts }, 'Ended what a cancelled event still had');
    }
    return found;
  };
}
