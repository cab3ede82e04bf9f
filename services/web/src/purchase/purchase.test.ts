import t from 'tap';
import type { Order } from '../api/wire.ts';
import { advance, outside, type Payment, type Purchase, type PurchaseEvent } from './purchase.ts';

const place = { saleId: 'e.0', roomToken: 'token', joinIndex: 7, opensAtMs: 0, closesAtMs: 100_000 };
const hold = { holdId: 'h', seatIds: ['R1C1'], expiresAtMs: 50_000 };
const payment: Payment = {
  intentKey: 'intent-1',
  commitKey: 'commit-1',
  card: 'success',
  intentId: null,
  amountMinor: null,
  submitted: false,
};
const order = { orderId: 'o', status: 'CONFIRMED' } as Order;

const after = (...events: PurchaseEvent[]): Purchase => events.reduce(advance, outside);
const toChoosing: PurchaseEvent[] = [{ type: 'entered', place }, { type: 'admitted' }];
const toHolding: PurchaseEvent[] = [
  ...toChoosing,
  { type: 'hold-asked', request: { seatIds: ['R1C1'] }, askedAtMs: 1 },
];
const toHeld: PurchaseEvent[] = [...toHolding, { type: 'hold-placed', hold }];
const toPaying: PurchaseEvent[] = [...toHeld, { type: 'pay-asked', payment }];

t.test('from outside to tickets', async (t) => {
  t.match(after({ type: 'entered', place }), { phase: 'waiting', place });
  t.match(after(...toChoosing), { phase: 'choosing' });
  t.match(after(...toHolding), { phase: 'holding', request: { seatIds: ['R1C1'] } });
  t.match(after(...toHeld), { phase: 'held', hold });
  const opened = after(...toPaying, { type: 'intent-opened', intentId: 'pi', amountMinor: 9 });
  t.match(opened, { phase: 'paying', payment: { intentKey: 'intent-1', intentId: 'pi', submitted: false } });
  const paid = after(...toPaying, { type: 'payment-submitted' }, { type: 'payment-captured' });
  t.match(paid, { phase: 'confirming', payment: { submitted: true, commitKey: 'commit-1' } });
  const ended = advance(paid, { type: 'order-decided', order });
  t.match(ended, { phase: 'ended', order });
  t.match(advance(ended, { type: 'begun-again' }), { phase: 'waiting', place });
});

t.test('what goes wrong leads back to where the buyer can go on', async (t) => {
  t.match(after(...toHolding, { type: 'hold-refused', notice: 'sold_out' }), {
    phase: 'choosing',
    notice: 'sold_out',
  });
  t.match(after(...toHeld, { type: 'hold-lapsed' }), { phase: 'choosing', notice: 'hold_lapsed' });
  t.match(after(...toPaying, { type: 'payment-refused', notice: 'payment_declined' }), {
    phase: 'held',
    hold,
    notice: 'payment_declined',
  });
  t.match(after(...toPaying, { type: 'hold-lapsed' }), { phase: 'choosing', notice: 'hold_lapsed' });
  t.match(after(...toHeld, { type: 'hold-released' }), { phase: 'choosing', notice: null });
  t.match(after(...toHolding, { type: 'turn-not-come' }), { phase: 'waiting' });
  t.match(after(...toChoosing, { type: 'place-lost', notice: 'sale_over' }), {
    phase: 'outside',
    notice: 'sale_over',
  });
});

t.test('paid is paid: nothing takes the buyer out of confirming but the order', async (t) => {
  const confirming = after(...toPaying, { type: 'payment-captured' });
  const events: PurchaseEvent[] = [
    { type: 'entered', place },
    { type: 'admitted' },
    { type: 'turn-not-come' },
    { type: 'place-lost', notice: 'sale_over' },
    { type: 'hold-asked', request: { seatIds: ['R1C1'] }, askedAtMs: 1 },
    { type: 'hold-placed', hold },
    { type: 'hold-refused', notice: 'sold_out' },
    { type: 'hold-released' },
    { type: 'hold-lapsed' },
    { type: 'pay-asked', payment },
    { type: 'intent-opened', intentId: 'pi', amountMinor: 9 },
    { type: 'payment-submitted' },
    { type: 'payment-refused', notice: 'payment_declined' },
    { type: 'noticed', notice: 'unreachable' },
    { type: 'begun-again' },
  ];
  for (const event of events) t.equal(advance(confirming, event), confirming, event.type);
});

t.test('late answers change nothing', async (t) => {
  const choosing = after(...toChoosing);
  t.equal(advance(choosing, { type: 'hold-placed', hold }), choosing);
  t.equal(advance(choosing, { type: 'payment-captured' }), choosing);
  t.equal(advance(outside, { type: 'admitted' }), outside);
  const held = after(...toHeld);
  t.equal(advance(held, { type: 'place-lost', notice: 'sale_over' }), held, 'a hold outlives the window');
});

t.test('a notice stays until it is dismissed or something happens', async (t) => {
  const noticed = advance(after(...toChoosing), { type: 'noticed', notice: 'throttled' });
  t.equal(noticed.notice, 'throttled');
  t.equal(advance(noticed, { type: 'noticed', notice: null }).notice, null);
});
