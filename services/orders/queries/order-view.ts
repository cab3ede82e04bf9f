import type { Order, Payment } from '@onsale/contracts/http/confirm-routes';
import type { Type } from 'typebox';

/** The contract's order. */
export type OrderView = Type.Static<typeof Order>;
/** The contract's payment. */
export type PaymentView = Type.Static<typeof Payment>;

/** What is known behind a commit key. */
export interface OrderStatusView {
  readonly order: OrderView | null;
  readonly payment: PaymentView | null;
}

/** A row of the view `order_views`. */
export interface OrderViewRow {
  order_id: string;
  intent_id: string;
  event_id: string;
  user_id: string;
  seat_ids: string[];
  amount_minor: number;
  currency: string;
  status: OrderView['status'];
  reason: string | null;
  tickets: OrderView['tickets'];
  payment: PaymentView | null;
  updated_at: Date;
}

export function orderViewOf(row: OrderViewRow): OrderView {
  return {
    orderId: row.order_id,
    intentId: row.intent_id,
    eventId: row.event_id,
    userId: row.user_id,
    seatIds: row.seat_ids,
    amount: row.amount_minor,
    currency: row.currency,
    status: row.status,
    reason: row.reason,
    tickets: row.tickets,
    updatedAt: row.updated_at.toISOString(),
  };
}

export const statusViewOf = (row: OrderViewRow): OrderStatusView => ({
  order: orderViewOf(row),
  payment: row.payment,
});
