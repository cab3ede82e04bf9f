import { newOrderOf, type NewOrder } from '../insert-orders.ts';
import { captureKeyOf, type OpenOrder } from '../open-order.ts';
import { isTerminal, type RefundReason, type RejectionReason } from '../order-status.ts';
import type { LockedIntent } from '../read-intents.ts';

/** What the provider reports. It may come late, again, and in any order. */
export interface PaymentEvent {
  readonly type: 'payment.captured' | 'payment.failed';
  readonly intentId: string;
  readonly paymentId: string;
  readonly amountMinor: number;
}

/** What a batch of payment events changes. */
export interface PaymentChanges {
  readonly captures: {
    readonly event: PaymentEvent;
    /** Why it goes back; undefined: it pays for its intent's order. */
    readonly refund: RefundReason | undefined;
  }[];
  readonly failures: PaymentEvent[];
  readonly newOrders: NewOrder[];
  readonly orders: Map<string, OrderChange>;
  /** Orders whose commit starts, or goes on, with this capture. */
  readonly toBegin: OpenOrder[];
  readonly toSend: OpenOrder[];
}

export interface OrderChange {
  requeue: boolean;
  refusal: RejectionReason | undefined;
  failed: boolean;
}

interface State {
  readonly intent: LockedIntent;
  order: OpenOrder | undefined;
  paid: boolean;
}

/**
 * Decides what payment events mean, given the locked state of their intents. What comes out does not depend on their
 * order: a capture wins over a failure, the first capture of the right amount pays, every other one goes back.
 *
 * @param knownPaymentIds captures recorded before; their repetition changes nothing
 */
export function decidePaymentEvents(
  events: readonly PaymentEvent[],
  intents: ReadonlyMap<string, LockedIntent>,
  knownPaymentIds: ReadonlySet<string>,
): PaymentChanges {
  const known = new Set(knownPaymentIds);
  const states = new Map<string, State>();
  for (const intent of intents.values()) {
    states.set(intent.intentId, { intent, order: intent.order, paid: intent.payingPaymentId !== null });
  }
  const changes: PaymentChanges = {
    captures: [],
    failures: [],
    newOrders: [],
    orders: new Map(),
    toBegin: [],
    toSend: [],
  };

  const change = (order: OpenOrder, fields: Partial<OrderChange>) => {
    const before = changes.orders.get(order.orderId) ?? { requeue: false, refusal: undefined, failed: false };
    changes.orders.set(order.orderId, { ...before, ...fields });
  };
  const makeOrder = (state: State, reason: RejectionReason | undefined) => {
    const idem = captureKeyOf(state.intent.intentId);
    const made = newOrderOf(state.intent, { status: 'WAITING_FOR_HOLD', idem, reason });
    changes.newOrders.push(made);
    state.order = made.order;
    return made.order;
  };
  const requeue = (state: State, order: OpenOrder, fields: Partial<OrderChange>) => {
    state.order = { ...order, status: 'PROCESSING', attempt: order.attempt + 1 };
    change(order, { requeue: true, ...fields });
    changes.toSend.push(state.order);
  };

  /** Takes a capture of an intent; returns why it goes back, if it does. */
  const take = (state: State, event: PaymentEvent): RefundReason | undefined => {
    const { order, intent } = state;
    if (state.paid) return 'captured_twice';
    if (order && (isTerminal(order.status) || order.refusal)) return 'captured_after_rejection';
    const refusal = refusalOf(event, intent);
    if (refusal) {
      if (!order) makeOrder(state, refusal);
      else {
        // The one who drives it may be between the seats and the queue: a rejection here could free seats under it.
        state.order = { ...order, refusal };
        if (order.status === 'AWAITING_PAYMENT') requeue(state, state.order, { refusal });
        else change(order, { refusal });
      }
      return refusal;
    }
    state.paid = true;
    if (!order) changes.toBegin.push(makeOrder(state, undefined));
    else if (order.status === 'AWAITING_PAYMENT') requeue(state, order, {});
    return undefined;
  };

  for (const event of events) {
    const state = states.get(event.intentId);
    if (event.type === 'payment.failed') {
      changes.failures.push(event);
      if (state?.order && !state.paid) change(state.order, { failed: true });
      continue;
    }
    if (known.has(event.paymentId)) continue;
    known.add(event.paymentId);
    const refund = state ? take(state, event) : 'unknown_intent';
    changes.captures.push({ event, refund });
    // It has ended, and what is shown of its payment changes.
    if (state?.order && isTerminal(state.order.status)) change(state.order, {});
  }
  return changes;
}

function refusalOf(event: PaymentEvent, intent: LockedIntent): RejectionReason | undefined {
  if (intent.eventCancelled) return 'event_cancelled';
  return event.amountMinor === intent.amountMinor ? undefined : 'amount_mismatch';
}
