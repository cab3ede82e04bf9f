import type { NoticeCode } from '../purchase/purchase.ts';
import type { Admission } from '../purchase/standing.ts';

/** What happened, and what to do next. */
export type NoticeText = Record<NoticeCode, [happened: string, next: string]>;

/** Why an order was rejected, by the reason the services give. */
export type RejectionText = Record<RejectionReason, string>;

/** Why the line does not move as planned. */
export type LineText = Record<Exclude<Admission, 'open'>, string>;

/** The reasons of a rejected order on the wire. */
type RejectionReason =
  | 'unknown_intent'
  | 'not_owner'
  | 'seats_mismatch'
  | 'seat_not_held'
  | 'hold_expired'
  | 'hold_timeout'
  | 'seat_already_sold'
  | 'amount_mismatch'
  | 'payment_failed'
  | 'payment_timeout'
  | 'event_cancelled'
  | 'not_settled';
