import type { CommitMessage } from '@onsale/contracts/queue/commit-message';
import { captureKeyOf } from '../open-order.ts';
import { isTerminal } from '../order-status.ts';
import type { LockedIntent } from '../read-intents.ts';
import type { Settlement } from './settle-orders.ts';

/** What a batch of commit messages comes to. */
export interface CommitDecision {
  readonly settlements: readonly Settlement[];
  /** Orders of these intents were sent without a mark that their hold no longer lapses: that has to be seen to first. */
  readonly unbegun: readonly string[];
  /** Messages about no order of their intent, or under another key than it has; they are claimed like commits over HTTP. */
  readonly unclaimed: readonly CommitMessage[];
}

/**
 * Decides what becomes of the orders that commit messages are about: all seats of an order or none, nobody's seat twice,
 * and no ticket without a capture.
 */
export function decideCommits(
  messages: readonly CommitMessage[],
  intents: ReadonlyMap<string, LockedIntent>,
): CommitDecision {
  const settlements: Settlement[] = [];
  const unbegun: string[] = [];
  const unclaimed: CommitMessage[] = [];
  const sold = new Set<string>();
  const seen = new Set<string>();
  for (const message of messages) {
    const intent = intents.get(message.payload.intentId);
    if (!intent?.order || !isAbout(message, intent)) {
      unclaimed.push(message);
      continue;
    }
    const { order } = intent;
    const { orderId } = order;
    if (message.idem !== order.idem && message.idem !== captureKeyOf(intent.intentId))
      unclaimed.push(message);
    if (seen.has(orderId) || isTerminal(order.status)) continue;
    seen.add(orderId);
    if (intent.eventCancelled) {
      settlements.push({ orderId, status: 'REJECTED', reason: 'event_cancelled' });
      continue;
    }
    if (!order.begun) {
      unbegun.push(intent.intentId);
      continue;
    }
    if (order.refusal) {
      settlements.push({ orderId, status: 'REJECTED', reason: order.refusal });
      continue;
    }
    const seats = intent.seatIds.map((seatId) => `${intent.saleId} ${seatId}`);
    if (intent.takenSeatIds.length > 0 || seats.some((seat) => sold.has(seat))) {
      settlements.push({ orderId, status: 'REJECTED', reason: 'seat_already_sold' });
    } else if (intent.payingPaymentId !== null) {
      for (const seat of seats) sold.add(seat);
      settlements.push({ orderId, status: 'CONFIRMED' });
    } else if (order.status !== 'AWAITING_PAYMENT') {
      settlements.push({ orderId, status: 'AWAITING_PAYMENT' });
    }
  }
  return { settlements, unbegun, unclaimed };
}

function isAbout({ payload }: CommitMessage, intent: LockedIntent): boolean {
  return (
    payload.userId === intent.userId &&
    payload.eventId === intent.eventId &&
    [...payload.seatIds].sort().join() === [...intent.seatIds].sort().join()
  );
}
