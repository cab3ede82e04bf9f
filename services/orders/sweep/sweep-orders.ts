import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { OrderStarter } from '../commits/order-starter.ts';
import { queryRows } from '../connect.ts';
import { loadSql } from '../load-sql.ts';
import { openOrderOf, type OpenOrder, type OpenOrderRow } from '../open-order.ts';
import type { OrderMetrics } from '../order-metrics.ts';
import type { OrderSettings } from '../order-settings.ts';
import type { OrderStatus, RejectionReason } from '../order-status.ts';
import type { Projector } from '../project/projector.ts';
import type { LockedIntent } from '../read-intents.ts';
import { settleOrders } from '../settle/settle-orders.ts';

/** Moves orders on that should have moved on by themselves. Each takes up at most `limit` and resolves with how many. */
export interface OrderSweeper {
  /** Paid orders whose buyer may hold the seats by now, or has not in time. */
  waiting(limit: number): Promise<number>;
  /** Commits whose message was never sent, or got lost. */
  unsent(limit: number): Promise<number>;
  /** Commits whose payment has not come in time. */
  unpaid(limit: number): Promise<number>;
  /** Ended orders the stores do not know the end of. */
  unprojected(limit: number): Promise<number>;
}

export interface OrderSweeperDeps {
  readonly pool: Pool;
  readonly starter: OrderStarter;
  readonly projector: Projector;
  readonly settings: OrderSettings;
  readonly metrics: OrderMetrics;
  readonly logger: Logger;
}

interface DueOrder extends OpenOrder {
  readonly overdue: boolean;
  readonly sent: boolean;
}

const claimDueOrders = loadSql('claim-due-orders');
const nextAttempts = loadSql('next-attempts');

/** Longer than any step takes; a sweeper that died leaves its orders to the next one after this. */
const leaseMs = 5000;

/** Makes an {@link OrderSweeper}. */
export function createOrderSweeper(deps: OrderSweeperDeps): OrderSweeper {
  const { pool, starter, projector, settings, metrics, logger } = deps;

  const claim = async (kind: string, statuses: OrderStatus[], limit: number, forMs: number) => {
    const rows = await queryRows<OpenOrderRow & { overdue: boolean; sent: boolean }>(pool, {
      ...claimDueOrders,
      values: [statuses, limit, forMs],
    });
    metrics.swept.inc({ kind }, rows.length);
    return rows.map((row): DueOrder => ({ ...openOrderOf(row), overdue: row.overdue, sent: row.sent }));
  };

  const reject = async (
    orders: readonly OpenOrder[],
    reasonFor: (intent: LockedIntent, order: OpenOrder) => RejectionReason | undefined,
  ) => {
    if (orders.length === 0) return;
    const ended = await settleOrders(
      deps,
      orders.map((order) => order.intentId),
      (intents) =>
        [...intents.values()].flatMap((intent) => {
          const reason = intent.order && reasonFor(intent, intent.order);
          return reason ? [{ orderId: intent.order.orderId, status: 'REJECTED' as const, reason }] : [];
        }),
    );
    for (const orderId of ended) logger.warn({ event: 'order_given_up', orderId }, 'Rejected by a sweeper');
    projector.projectSoon(ended);
  };

  return {
    async waiting(limit) {
      // A buyer who pays before holding is rare; the first looks are close together, for a hold that is just coming.
      const orders = await claim('waiting', ['WAITING_FOR_HOLD'], limit, 2000);
      const overdue = orders.filter((order) => order.overdue);
      await reject(overdue, (intent, order) =>
        order.status === 'WAITING_FOR_HOLD' && !order.begun && intent.overdue ? 'hold_timeout' : undefined,
      );
      await Promise.all(
        orders.filter((order) => !order.overdue).map((order) => starter.start(order, 'wait')),
      );
      return orders.length;
    },

    async unsent(limit) {
      const orders = await claim('unsent', ['PROCESSING'], limit, leaseMs);
      const hopeless = orders.filter((order) => order.sent && order.attempt >= settings.maxAttempts);
      await reject(hopeless, (_intent, order) => (order.status === 'PROCESSING' ? 'not_settled' : undefined));
      // What was sent and had no effect needs a message the queue does not take for the one before. What was not sent, or
      // perhaps was without our hearing of it, must be taken for it.
      const lost = orders.filter((order) => order.sent && !hopeless.includes(order));
      const attempts = await takeNextAttempts(pool, lost);
      const resent = lost.flatMap((order) => {
        const attempt = attempts.get(order.orderId);
        return attempt === undefined ? [] : [{ ...order, attempt }];
      });
      await Promise.all(
        [...orders.filter((order) => !order.sent), ...resent].map((order) =>
          order.begun ? starter.send(order) : starter.start(order, 'reject'),
        ),
      );
      return orders.length;
    },

    async unpaid(limit) {
      const orders = await claim('unpaid', ['AWAITING_PAYMENT'], limit, leaseMs);
      const failed = await failedIntents(pool, orders);
      await reject(orders, ({ intentId, payingPaymentId, overdue }, order) => {
        if (order.status !== 'AWAITING_PAYMENT' || payingPaymentId !== null || !overdue) return undefined;
        return failed.has(intentId) ? 'payment_failed' : 'payment_timeout';
      });
      return orders.length;
    },

    async unprojected(limit) {
      const orders = await claim('unprojected', ['CONFIRMED', 'REJECTED', 'CANCELLED'], limit, leaseMs);
      await projector.project(orders.map((order) => order.orderId));
      return orders.length;
    },
  };
}

async function takeNextAttempts(pool: Pool, orders: readonly OpenOrder[]): Promise<Map<string, number>> {
  if (orders.length === 0) return new Map();
  const rows = await queryRows<{ order_id: string; attempt: number }>(pool, {
    ...nextAttempts,
    values: [orders.map((order) => order.orderId)],
  });
  return new Map(rows.map((row) => [row.order_id, row.attempt]));
}

async function failedIntents(pool: Pool, orders: readonly OpenOrder[]): Promise<Set<string>> {
  if (orders.length === 0) return new Set();
  const rows = await queryRows<{ intent_id: string }>(pool, {
    text: 'select intent_id from failed_payments where intent_id = any ($1::text[])',
    values: [orders.map((order) => order.intentId)],
  });
  return new Set(rows.map((row) => row.intent_id));
}
