import t from 'tap';
import type { OpenOrder } from '../open-order.ts';
import type { LockedIntent } from '../read-intents.ts';
import { decidePaymentEvents, type PaymentEvent } from './decide-payment-events.ts';

function intentOf(order?: Partial<OpenOrder>, payingPaymentId: string | null = null): LockedIntent {
  const base = {
    intentId: 'i',
    userId: 'alice',
    eventId: 'event-0001',
    saleId: 'event-0001.0',
    seatIds: ['R1C1'],
  };
  return {
    ...base,
    amountMinor: 1000,
    currency: 'KRW',
    payingPaymentId,
    overdue: false,
    eventCancelled: false,
    takenSeatIds: [],
    order: order && {
      ...base,
      orderId: 'o',
      status: 'PROCESSING',
      idem: 'commit-key',
      attempt: 1,
      begun: true,
      refusal: null,
      ...order,
    },
  };
}

const captured = (paymentId = 'p', amountMinor = 1000, intentId = 'i'): PaymentEvent => ({
  type: 'payment.captured',
  intentId,
  paymentId,
  amountMinor,
});
const failed = (paymentId = 'p'): PaymentEvent => ({ ...captured(paymentId), type: 'payment.failed' });

/** What a batch comes to, in short. */
function decide(events: PaymentEvent[], intent?: LockedIntent, known: string[] = []) {
  const intents = new Map(intent ? [[intent.intentId, intent]] : []);
  const changes = decidePaymentEvents(events, intents, new Set(known));
  return {
    captures: changes.captures.map(({ event, refund }) => `${event.paymentId}: ${refund ?? 'pays'}`),
    failures: changes.failures.map((event) => event.paymentId),
    made: changes.newOrders.map(({ order, reason }) => `${order.status} ${reason ?? ''}`.trim()),
    orders: [...changes.orders.values()],
    begin: changes.toBegin.length,
    send: changes.toSend.map((order) => order.attempt),
  };
}

t.test('a capture before the commit makes an order that waits for the hold', (t) => {
  t.same(decide([captured()], intentOf()), {
    captures: ['p: pays'],
    failures: [],
    made: ['WAITING_FOR_HOLD'],
    orders: [],
    begin: 1,
    send: [],
  });
  t.end();
});

t.test('a capture an order waits for sends it once more; one it did not wait for only pays', (t) => {
  const awaited = decide([captured()], intentOf({ status: 'AWAITING_PAYMENT', attempt: 2 }));
  t.match(awaited, { captures: ['p: pays'], made: [], orders: [{ requeue: true }], send: [3] });
  const early = decide([captured()], intentOf({ status: 'PROCESSING' }));
  t.same(
    { ...early, failures: 0 },
    { captures: ['p: pays'], failures: 0, made: [], orders: [], begin: 0, send: [] },
  );
  t.end();
});

t.test('every capture but the first goes back, whatever the order of things', (t) => {
  t.match(decide([captured(), captured('p2')], intentOf()), {
    captures: ['p: pays', 'p2: captured_twice'],
    made: ['WAITING_FOR_HOLD'],
  });
  t.match(decide([captured('p2')], intentOf({ status: 'CONFIRMED' }, 'p')).captures, ['p2: captured_twice']);
  t.same(
    decide([captured('p'), captured('p')], intentOf(), ['p']).captures,
    [],
    'a repetition is nothing new',
  );
  t.same(decide([captured(), captured()], intentOf()).captures, ['p: pays']);
  t.end();
});

t.test('failures never undo a capture, and a capture undoes a failure', (t) => {
  for (const events of [
    [captured('p'), failed('p0')],
    [failed('p0'), captured('p')],
  ]) {
    t.match(decide(events, intentOf()), {
      captures: ['p: pays'],
      failures: ['p0'],
      made: ['WAITING_FOR_HOLD'],
    });
  }
  const late = decide([failed('p0')], intentOf({ status: 'CONFIRMED' }, 'p'));
  t.same(late.orders, [], 'paid is paid');
  t.match(decide([failed()], intentOf({ status: 'AWAITING_PAYMENT' })).orders, [{ failed: true }]);
  t.end();
});

t.test('another amount than priced goes back, and the order with it', (t) => {
  const first = decide([captured('p', 999)], intentOf());
  t.match(first, { captures: ['p: amount_mismatch'], made: ['REJECTED amount_mismatch'], begin: 0 });
  const underWay = decide([captured('p', 999)], intentOf({ status: 'PROCESSING' }));
  t.match(underWay, {
    captures: ['p: amount_mismatch'],
    orders: [{ refusal: 'amount_mismatch', requeue: false }],
  });
  const waiting = decide([captured('p', 999)], intentOf({ status: 'AWAITING_PAYMENT' }));
  t.match(waiting, { orders: [{ refusal: 'amount_mismatch', requeue: true }], send: [2] });
  const thenRight = decide([captured('p', 999), captured('p2')], intentOf({ status: 'AWAITING_PAYMENT' }));
  t.same(thenRight.captures, ['p: amount_mismatch', 'p2: captured_after_rejection']);
  t.end();
});

t.test('a capture after the rejection goes back, and the ended order is shown anew', (t) => {
  const late = decide([captured()], intentOf({ status: 'REJECTED' }));
  t.match(late, {
    captures: ['p: captured_after_rejection'],
    orders: [{ requeue: false }],
    begin: 0,
    send: [],
  });
  t.end();
});

t.test('money for an intent nobody made is kept and goes back', (t) => {
  const unknown = decide([captured('p', 5, 'never-made')]);
  t.match(unknown, { captures: ['p: unknown_intent'], made: [], begin: 0 });
  t.end();
});
