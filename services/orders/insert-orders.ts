import { randomUUID } from 'node:crypto';
import type { PoolClient } from 'pg';
import { loadSql } from './load-sql.ts';
import type { OpenOrder } from './open-order.ts';
import type { OrderSettings } from './order-settings.ts';
import type { RejectionReason } from './order-status.ts';
import type { LockedIntent } from './read-intents.ts';

/** An order about to be written for its intent. */
export interface NewOrder {
  readonly order: OpenOrder;
  /** Set when it is rejected from the start. */
  readonly reason: RejectionReason | null;
}

const insertOrderRows = loadSql('insert-orders');

/** A new order of this intent; `reason` makes it a rejected one. */
export function newOrderOf(
  intent: LockedIntent,
  order: {
    readonly status: 'WAITING_FOR_HOLD' | 'PROCESSING';
    readonly idem: string;
    readonly reason?: RejectionReason | undefined;
  },
): NewOrder {
  const { intentId, userId, eventId, saleId, seatIds } = intent;
  return {
    order: {
      orderId: `ord_${randomUUID()}`,
      intentId,
      userId,
      eventId,
      saleId,
      seatIds,
      status: order.reason ? 'REJECTED' : order.status,
      idem: order.idem,
      attempt: 1,
      begun: false,
      refusal: null,
    },
    reason: order.reason ?? null,
  };
}

/** Writes orders of locked intents that have none. */
export async function insertOrders(
  client: PoolClient,
  orders: readonly NewOrder[],
  settings: OrderSettings,
): Promise<void> {
  if (orders.length === 0) return;
  const rows = orders.map(({ order, reason }) => ({
    order_id: order.orderId,
    intent_id: order.intentId,
    status: order.status,
    reason,
    idem: order.idem,
  }));
  await client.query({
    ...insertOrderRows,
    values: [JSON.stringify(rows), settings.holdWaitSeconds, settings.resendAfterMs],
  });
}
