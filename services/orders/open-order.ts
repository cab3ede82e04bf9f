import type { CommitMessage } from '@onsale/contracts/queue/commit-message';
import type { OrderStatus, RejectionReason } from './order-status.ts';

/** An intent's order as the modules that move it see it. */
export interface OpenOrder {
  readonly orderId: string;
  readonly intentId: string;
  readonly userId: string;
  readonly eventId: string;
  readonly saleId: string;
  readonly seatIds: readonly string[];
  readonly status: OrderStatus;
  /** What its messages are named by. */
  readonly idem: string;
  /** Goes up with every message, so that the queue does not take it for the one before. */
  readonly attempt: number;
  /** The hold no longer lapses. */
  readonly begun: boolean;
  readonly refusal: RejectionReason | null;
}

/** Columns of `orders` that make an {@link OpenOrder}. */
export interface OpenOrderRow {
  order_id: string;
  intent_id: string;
  user_id: string;
  event_id: string;
  sale_id: string;
  seat_ids: string[];
  status: OrderStatus;
  idem: string;
  attempt: number;
  begun: boolean;
  refusal: RejectionReason | null;
}

export function openOrderOf(row: OpenOrderRow): OpenOrder {
  return {
    orderId: row.order_id,
    intentId: row.intent_id,
    userId: row.user_id,
    eventId: row.event_id,
    saleId: row.sale_id,
    seatIds: row.seat_ids,
    status: row.status,
    idem: row.idem,
    attempt: row.attempt,
    begun: row.begun,
    refusal: row.refusal,
  };
}

/** The order's queue message. */
export function commitMessageOf({ intentId, eventId, seatIds, userId, idem }: OpenOrder): CommitMessage {
  return { type: 'COMMIT_ORDER', payload: { intentId, eventId, seatIds: [...seatIds], userId }, idem };
}

/** Names the messages of an order that a capture has begun and no commit yet. */
export const captureKeyOf = (intentId: string) => `capture-${intentId}`;
