/** Where an order is; see migrations/0002_orders.sql for what each means. */
export type OrderStatus =
  | 'WAITING_FOR_HOLD'
  | 'PROCESSING'
  | 'AWAITING_PAYMENT'
  | 'CONFIRMED'
  | 'REJECTED'
  | 'CANCELLED';

export const isTerminal = (status: OrderStatus) =>
  status === 'CONFIRMED' || status === 'REJECTED' || status === 'CANCELLED';

/** Why an order was rejected. Also the reason of the refund, and a label of `onsale_orders_total`: keep the list short. */
export type RejectionReason =
  /** The commit named an intent nobody made. */
  | 'unknown_intent'
  /** The intent is another buyer's. */
  | 'not_owner'
  /** The commit named other seats, or another event, than its intent. */
  | 'seats_mismatch'
  | 'seat_not_held'
  | 'hold_expired'
  /** Paid, but its buyer did not hold the seats in time. */
  | 'hold_timeout'
  /** Somebody has a ticket for one of the seats. */
  | 'seat_already_sold'
  /** Captured was another amount than priced. */
  | 'amount_mismatch'
  | 'payment_failed'
  | 'payment_timeout'
  /** The event does not take place. */
  | 'event_cancelled'
  /** No message could settle it. */
  | 'not_settled';

/** Why captured money goes back: with the order's rejection, or for one of these. */
export type RefundReason =
  | RejectionReason
  | 'captured_twice'
  | 'captured_after_rejection'
  | 'cancelled_by_buyer';
