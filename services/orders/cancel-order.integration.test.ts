import t from 'tap';
import { startTestBed, until, type TestBuyer } from './test-bed.ts';

const bed = await startTestBed(t);
const { pool, orders, clock } = bed;

async function confirmedOrder(buyer: TestBuyer, seatIds: readonly string[], settle = () => orders.drain()) {
  buyer.hold(seatIds);
  const { intentId, amountMinor } = await buyer.intent(seatIds);
  await buyer.capture(intentId, amountMinor);
  const message = buyer.commitMessage(intentId, seatIds);
  await orders.commits.accept(message);
  await orders.drain();
  await orders.processor.process([JSON.stringify(message)]);
  await settle();
  const { order } = await buyer.status(message.idem);
  return { ...order!, idem: message.idem };
}

const refundsOf = async (intentId: string) =>
  (await pool.query('select * from refunds where intent_id = $1 order by created_at', [intentId])).rows;

t.test('ten cancellations at once, from two processes: one refund, each seat back once', async (t) => {
  const buyer = bed.buyer();
  const seatIds = bed.freeSeats(3);
  const order = await confirmedOrder(buyer, seatIds);
  const other = bed.startProcess();
  const request = { orderId: order.orderId, userId: buyer.userId };
  const outcomes = await Promise.all(
    Array.from({ length: 10 }, (_, index) => (index % 2 ? orders : other).cancelOrder(request)),
  );
  for (const outcome of outcomes) {
    t.match(outcome, { outcome: 'cancelled', refundMinor: 3000, order: { status: 'CANCELLED' } });
  }
  t.match(await refundsOf(order.intentId), [{ amount_minor: 3000, reason: 'cancelled_by_buyer' }]);
  const returned = () =>
    bed.seats.returned.filter(({ orderId }) => orderId === order.orderId).map(({ seatId }) => seatId);
  await until('the seats to be back', async () => {
    await Promise.all([orders.sweeper.unprojected(10), other.sweeper.unprojected(10)]);
    return returned().length >= seatIds.length;
  });
  t.same(returned().sort(), [...seatIds].sort());
  t.match(
    await orders.cancelOrder(request),
    { outcome: 'cancelled', refundMinor: 3000 },
    'and again the same',
  );
  t.equal((await refundsOf(order.intentId)).length, 1);
});

t.test('single tickets, then the rest: the order is cancelled with its last ticket', async (t) => {
  const buyer = bed.buyer();
  const seatIds = bed.freeSeats(3);
  const order = await confirmedOrder(buyer, seatIds);
  const [first, second] = order.tickets.map(({ ticketId }) => ticketId) as [string, string];
  const cancel = (ticketIds?: string[]) =>
    orders.cancelOrder({ orderId: order.orderId, userId: buyer.userId, ticketIds });
  t.match(await cancel([first]), {
    outcome: 'cancelled',
    refundMinor: 1000,
    order: {
      status: 'CONFIRMED',
      tickets: [{ status: 'CANCELLED' }, { status: 'VALID' }, { status: 'VALID' }],
    },
  });
  t.match(await cancel([first]), { outcome: 'cancelled', refundMinor: 1000 });
  t.match(await cancel([first, second]), {
    outcome: 'cancelled',
    refundMinor: 2000,
    order: { status: 'CONFIRMED' },
  });
  t.match(await cancel(), { outcome: 'cancelled', refundMinor: 3000, order: { status: 'CANCELLED' } });
  t.same(
    (await refundsOf(order.intentId)).map((refund) => refund.amount_minor),
    [1000, 1000, 1000],
    'each ticket goes back once',
  );
  t.same(
    seatIds.map((seatId) => bed.seats.stateOf(bed.saleId, seatId)),
    ['free', 'free', 'free'],
  );
});

t.test('two single tickets at once lose none and end in one cancelled order', async (t) => {
  const buyer = bed.buyer();
  const order = await confirmedOrder(buyer, bed.freeSeats(2));
  const other = bed.startProcess();
  await Promise.all(
    order.tickets.map(({ ticketId }, index) =>
      (index ? orders : other).cancelOrder({
        orderId: order.orderId,
        userId: buyer.userId,
        ticketIds: [ticketId],
      }),
    ),
  );
  await until(
    'the cancelled order',
    async () => (await buyer.status(order.idem)).order!.status === 'CANCELLED',
  );
  t.equal((await refundsOf(order.intentId)).length, 2);
});

t.test('only the buyer, only confirmed orders, only their tickets, only before the event', async (t) => {
  const buyer = bed.buyer();
  const order = await confirmedOrder(buyer, bed.freeSeats(2));
  const { orderId } = order;
  const { userId } = buyer;
  t.match(await orders.cancelOrder({ orderId: 'ord_never-made', userId }), { outcome: 'unknown-order' });
  t.match(await orders.cancelOrder({ orderId, userId: 'mallory' }), { outcome: 'not-owner' });
  const foreign = [order.tickets[0]!.ticketId, 'tkt_never-issued'];
  t.match(await orders.cancelOrder({ orderId, userId, ticketIds: foreign }), { outcome: 'unknown-ticket' });
  clock.shiftMs = bed.published.event.startsAtMs - Date.now();
  t.match(await orders.cancelOrder({ orderId, userId }), { outcome: 'event-begun' });
  clock.shiftMs = 0;
  t.match((await buyer.status(order.idem)).order, { status: 'CONFIRMED' });

  await orders.cancelOrder({ orderId, userId });
  clock.shiftMs = bed.published.event.startsAtMs - Date.now();
  t.match(await orders.cancelOrder({ orderId, userId }), { outcome: 'cancelled', refundMinor: 2000 });
  clock.shiftMs = 0;

  const pending = bed.freeSeats(1);
  buyer.hold(pending);
  const { intentId } = await buyer.intent(pending);
  await buyer.commit(intentId, pending);
  const [open] = await orders.listOrders(userId, 1);
  t.match(await orders.cancelOrder({ orderId: open!.orderId, userId }), { outcome: 'not-confirmed' });
});

t.test('cancelled before the stores heard of the sale: sold first, then returned', async (t) => {
  const buyer = bed.buyer();
  const seatIds = bed.freeSeats(2);
  bed.seats.before = (call) => {
    if (call === 'markSold') throw new Error('Redis is away');
  };
  const order = await confirmedOrder(buyer, seatIds);
  bed.seats.before = () => undefined;
  t.equal(bed.seats.stateOf(bed.saleId, seatIds[0]!), 'committing');
  await orders.cancelOrder({ orderId: order.orderId, userId: buyer.userId });
  await until('the seats to be free', async () => {
    await orders.sweeper.unprojected(10);
    return bed.seats.stateOf(bed.saleId, seatIds[0]!) === 'free';
  });
});

t.test('a seat sold again stays sold, though its return is repeated', async (t) => {
  const buyer = bed.buyer();
  const seatIds = bed.freeSeats(1);
  const order = await confirmedOrder(buyer, seatIds);
  await orders.cancelOrder({ orderId: order.orderId, userId: buyer.userId });
  const next = bed.buyer();
  const resold = await confirmedOrder(next, seatIds);
  t.equal(resold.status, 'CONFIRMED');
  await pool.query('update tickets set returned_at = null where order_id = $1', [order.orderId]);
  await pool.query('update orders set due_at = now() where order_id = $1', [order.orderId]);
  await orders.sweeper.unprojected(10);
  t.equal(bed.seats.stateOf(bed.saleId, seatIds[0]!), 'sold');
});

t.test('money goes back to the last unit, and the status says so, from Redis too', async (t) => {
  const buyer = bed.buyer();
  const order = await confirmedOrder(buyer, bed.freeSeats(2));
  const request = { orderId: order.orderId, userId: buyer.userId };
  await orders.cancelOrder({ ...request, ticketIds: [order.tickets[0]!.ticketId] });
  t.match(await buyer.status(order.idem), { payment: { status: 'REFUNDING', refunded: 0 } });
  await orders.refunds.sweep(10);
  await orders.drain();
  t.match(await buyer.status(order.idem), { payment: { status: 'CAPTURED', refunded: 1000 } });
  await orders.cancelOrder(request);
  await orders.refunds.sweep(10);
  await orders.drain();
  const { status } = bed.orders;
  t.match(await status.read(order.idem), {
    order: { status: 'CANCELLED' },
    payment: { status: 'REFUNDED', refunded: 2000 },
  });
});

t.test('a provider that is away gets every refund in the end, and each once', async (t) => {
  const buyer = bed.buyer();
  const order = await confirmedOrder(buyer, bed.freeSeats(1));
  await orders.cancelOrder({ orderId: order.orderId, userId: buyer.userId });
  bed.provider.before = () => {
    throw new Error('the provider is away');
  };
  await orders.refunds.sweep(10);
  t.match(await refundsOf(order.intentId), [{ attempts: 1, refunded_at: null, due_at: Date }]);
  bed.provider.before = () => undefined;
  t.equal(await orders.refunds.sweep(10), 0, 'not again at once');
  await pool.query('update refunds set due_at = now() where refunded_at is null');
  const other = bed.startProcess();
  const [one, two] = await Promise.all([orders.refunds.sweep(10), other.refunds.sweep(10)]);
  t.equal(one + two, 1, 'two dispatchers share the work');
  t.match(await refundsOf(order.intentId), [{ attempts: 2, refunded_at: Date, due_at: null }]);
  const [refund] = await refundsOf(order.intentId);
  t.equal(bed.provider.calls.filter((id) => id === refund.refund_id).length, 2, 'asked twice by the same id');
});

t.test('what another dispatcher is at is left to it', async (t) => {
  const buyer = bed.buyer();
  for (let count = 0; count < 4; count++) {
    const order = await confirmedOrder(buyer, bed.freeSeats(1));
    await orders.cancelOrder({ orderId: order.orderId, userId: buyer.userId });
  }
  const other = await pool.connect();
  await other.query('begin');
  const { rows: taken } = await other.query<{ refund_id: string }>(
    'select refund_id from refunds where due_at <= now() limit 2 for update',
  );
  t.equal(await orders.refunds.sweep(10), 2);
  await other.query('rollback');
  other.release();
  for (const { refund_id } of taken) t.notOk(bed.provider.calls.includes(refund_id));
  t.equal(await orders.refunds.sweep(10), 2);
});

t.test('a confirmation that is slow to be told does not overwrite the cancellation after it', async (t) => {
  const buyer = bed.buyer();
  const seatIds = bed.freeSeats(1);
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const { promise: telling, resolve: tells } = Promise.withResolvers<void>();
  bed.seats.before = async (call) => {
    if (call !== 'markSold') return;
    tells();
    await gate;
  };
  const order = await confirmedOrder(buyer, seatIds, () => telling);
  bed.seats.before = () => undefined;
  const cancelled = bed.startProcess().cancelOrder({ orderId: order.orderId, userId: buyer.userId });
  await new Promise((resolve) => setTimeout(resolve, 200));
  open();
  t.match(await cancelled, { outcome: 'cancelled' });
  await orders.drain();
  await until('the seat to be free', async () => {
    await orders.sweeper.unprojected(10);
    return bed.seats.stateOf(bed.saleId, seatIds[0]!) === 'free';
  });
  t.match((await buyer.status(order.idem)).order, { status: 'CANCELLED' });
});
