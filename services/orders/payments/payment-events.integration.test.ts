import { randomUUID } from 'node:crypto';
import t from 'tap';
import { PaymentRefusedError } from './http-payment-provider.ts';
import { seatPriceMinor, startTestBed, until, type TestBuyer } from '../test-bed.ts';

const bed = await startTestBed(t, { holdWaitSeconds: 600 });
const { pool, orders } = bed;

t.beforeEach(() => bed.workOff());

/** An intent over one seat, held or not. */
async function oneSeat(buyer: TestBuyer, held = true) {
  const seatIds = bed.freeSeats(1);
  if (held) buyer.hold(seatIds);
  return { seatIds, ...(await buyer.intent(seatIds)) };
}

const refundsOf = async (intentId: string) =>
  (await pool.query('select * from refunds where intent_id = $1 order by created_at', [intentId])).rows;
const orderOf = async (buyer: TestBuyer) => (await orders.listOrders(buyer.userId, 1))[0];

t.test('a closed tab loses nothing: the capture alone ends with a ticket', async (t) => {
  const buyer = bed.buyer();
  const { intentId, amountMinor, seatIds } = await oneSeat(buyer);
  await buyer.capture(intentId, amountMinor);
  await until('the ticket', async () => {
    await bed.work();
    return (await orderOf(buyer))?.status === 'CONFIRMED';
  });
  const key = await buyer.commit(intentId, seatIds);
  t.match(await buyer.status(key), { order: { status: 'CONFIRMED' }, payment: { status: 'CAPTURED' } });
});

t.test('a capture waits for its hold, and goes on when a sweeper finds it', async (t) => {
  const buyer = bed.buyer();
  const { intentId, amountMinor, seatIds } = await oneSeat(buyer, false);
  await buyer.capture(intentId, amountMinor);
  await orders.drain();
  t.match(await orderOf(buyer), { status: 'PROCESSING', tickets: [] });
  buyer.hold(seatIds);
  await until('the ticket', async () => {
    await orders.sweeper.waiting(10);
    await bed.work();
    return (await orderOf(buyer))?.status === 'CONFIRMED';
  });
});

t.test('a capture whose hold never comes is refunded', async (t) => {
  const hasty = bed.startProcess({ settings: { holdWaitSeconds: 0 } });
  const buyer = bed.buyer();
  const { intentId, amountMinor } = await oneSeat(buyer, false);
  await hasty.paymentEvents.record({
    type: 'payment.captured',
    intentId,
    paymentId: `p-${intentId}`,
    amountMinor,
  });
  await hasty.drain();
  await until('the refund', async () => {
    await orders.sweeper.waiting(10);
    return (await refundsOf(intentId)).length > 0;
  });
  t.match(await orderOf(buyer), { status: 'REJECTED', reason: 'hold_timeout' });
  t.match(await refundsOf(intentId), [{ amount_minor: amountMinor, reason: 'hold_timeout' }]);
});

t.test('a capture for a seat somebody else has bought does not wait', async (t) => {
  const first = bed.buyer();
  const { intentId, amountMinor, seatIds } = await oneSeat(first);
  await first.capture(intentId, amountMinor);
  await until('the ticket', async () => {
    await bed.work();
    return (await orderOf(first))?.status === 'CONFIRMED';
  });
  const second = bed.buyer();
  const late = await second.intent(seatIds);
  await second.capture(late.intentId, amountMinor);
  await orders.drain();
  t.match(await orderOf(second), { status: 'REJECTED', reason: 'seat_already_sold' });
  t.match(await refundsOf(late.intentId), [{ reason: 'seat_already_sold' }]);
});

t.test('a capture with the commit begun before it was paid is settled with its capture', async (t) => {
  const buyer = bed.buyer();
  const { intentId, amountMinor, seatIds } = await oneSeat(buyer);
  const key = await buyer.commit(intentId, seatIds);
  await bed.workOff();
  t.match(await buyer.status(key), { order: { status: 'PROCESSING' }, payment: { status: 'PENDING' } });
  const { rows } = await pool.query('select status from orders where intent_id = $1', [intentId]);
  t.match(rows, [{ status: 'AWAITING_PAYMENT' }]);
  await buyer.capture(intentId, amountMinor);
  await until('the ticket', async () => {
    await bed.work();
    return (await buyer.status(key)).order?.status === 'CONFIRMED';
  });
});

t.test('the same event five times at once, from two processes, is one capture', async (t) => {
  const buyer = bed.buyer();
  const { intentId, amountMinor } = await oneSeat(buyer);
  const other = bed.startProcess();
  const event = { type: 'payment.captured', intentId, paymentId: `p-${intentId}`, amountMinor } as const;
  await Promise.all(
    [orders, other, orders, other, orders].map((process) => process.paymentEvents.record(event)),
  );
  const { rowCount } = await pool.query('select from captures where intent_id = $1', [intentId]);
  t.equal(rowCount, 1);
  t.same(await refundsOf(intentId), []);
});

t.test('captured under two payment ids at once: one pays, the other goes back', async (t) => {
  const buyer = bed.buyer();
  const { intentId, amountMinor } = await oneSeat(buyer);
  const other = bed.startProcess();
  await Promise.all(
    [orders, other, orders, other].map((process, index) =>
      process.paymentEvents.record({
        type: 'payment.captured',
        intentId,
        paymentId: `p${index}-${intentId}`,
        amountMinor,
      }),
    ),
  );
  await until('the ticket', async () => {
    await bed.work();
    return (await orderOf(buyer))?.status === 'CONFIRMED';
  });
  const refunds = await refundsOf(intentId);
  t.equal(refunds.length, 3);
  t.ok(refunds.every((refund) => refund.reason === 'captured_twice'));
});

t.test(
  'another amount than priced: refunded, the order rejected, before the commit or after it',
  async (t) => {
    const early = bed.buyer();
    const first = await oneSeat(early);
    await early.capture(first.intentId, first.amountMinor - 1);
    const key = await early.commit(first.intentId, first.seatIds);
    t.match(await early.status(key), {
      order: { status: 'REJECTED', reason: 'amount_mismatch' },
      payment: { status: 'REFUNDING', refunded: 0 },
    });

    const late = bed.buyer();
    const second = await oneSeat(late);
    const lateKey = await late.commit(second.intentId, second.seatIds);
    await bed.workOff();
    await late.capture(second.intentId, second.amountMinor + 1);
    await until('the rejection', async () => {
      await bed.work();
      return (await late.status(lateKey)).order?.status === 'REJECTED';
    });
    t.match((await late.status(lateKey)).order, { reason: 'amount_mismatch' });
    t.match(await refundsOf(second.intentId), [{ amount_minor: second.amountMinor + 1 }]);
    await orders.drain();
    t.equal(bed.seats.stateOf(bed.saleId, second.seatIds[0]!), 'free');
  },
);

t.test('a failure and a capture, in either order, are a capture', async (t) => {
  for (const order of [
    ['payment.failed', 'payment.captured'],
    ['payment.captured', 'payment.failed'],
  ] as const) {
    const buyer = bed.buyer();
    const { intentId, amountMinor, seatIds } = await oneSeat(buyer);
    const key = await buyer.commit(intentId, seatIds);
    for (const type of order) {
      await orders.paymentEvents.record({ type, intentId, paymentId: `${type}-${intentId}`, amountMinor });
    }
    await until('the ticket', async () => {
      await bed.work();
      return (await buyer.status(key)).order?.status === 'CONFIRMED';
    });
    t.match(await buyer.status(key), { payment: { status: 'CAPTURED' } });
  }
});

t.test('a failed payment leaves time for another card, then frees the seats', async (t) => {
  const strict = bed.startProcess({ settings: { failedPaymentGraceSeconds: 0 } });
  const buyer = bed.buyer();
  const { intentId, amountMinor, seatIds } = await oneSeat(buyer);
  const key = await buyer.commit(intentId, seatIds);
  await bed.workOff();
  const failed = { type: 'payment.failed', intentId, paymentId: `f-${intentId}`, amountMinor } as const;
  await orders.paymentEvents.record(failed);
  t.equal(await orders.sweeper.unpaid(10), 0);
  t.match(await buyer.status(key), { order: { status: 'PROCESSING' }, payment: { status: 'FAILED' } });
  await strict.paymentEvents.record(failed);
  await until('the end of patience', async () => (await orders.sweeper.unpaid(10)) > 0);
  await orders.drain();
  t.match(await buyer.status(key), { order: { status: 'REJECTED', reason: 'payment_failed' } });
  t.equal(bed.seats.stateOf(bed.saleId, seatIds[0]!), 'free');
});

t.test('no capture in time: rejected, seats free; a capture after that goes back', async (t) => {
  const strict = bed.startProcess({ settings: { paymentWaitSeconds: 0 } });
  const buyer = bed.buyer();
  const { intentId, amountMinor, seatIds } = await oneSeat(buyer);
  const key = await buyer.commit(intentId, seatIds);
  await bed.workOff(strict);
  await until('the end of patience', async () => (await orders.sweeper.unpaid(10)) > 0);
  await orders.drain();
  t.match(await buyer.status(key), {
    order: { status: 'REJECTED', reason: 'payment_timeout' },
    payment: { status: 'PENDING' },
  });
  t.equal(bed.seats.stateOf(bed.saleId, seatIds[0]!), 'free');

  await buyer.capture(intentId, amountMinor);
  t.match(await refundsOf(intentId), [{ amount_minor: amountMinor, reason: 'captured_after_rejection' }]);
  await orders.sweeper.unprojected(10);
  t.match(await buyer.status(key), { payment: { status: 'REFUNDING', refunded: 0 } });
  await orders.refunds.sweep(10);
  await orders.drain();
  t.match(await buyer.status(key), { payment: { status: 'REFUNDED', refunded: amountMinor } });
  t.equal(bed.provider.refunds.get((await refundsOf(intentId))[0].refund_id)?.amountMinor, amountMinor);
});

t.test('a refund the provider refuses is tried for ever, and somebody is told', async (t) => {
  const buyer = bed.buyer();
  const { intentId, amountMinor } = await oneSeat(buyer);
  // Those of other tests are none of this one's.
  await orders.refunds.sweep(1000);
  await buyer.capture(intentId, amountMinor + 1);
  const [{ refund_id: refundId }] = await refundsOf(intentId);
  const told = async () => {
    const metric = await bed.registry.getSingleMetric('onsale_refunds_refused_total')!.get();
    return metric.values[0]!.value;
  };
  const attempt = async () => {
    await pool.query('update refunds set due_at = now() where refund_id = $1', [refundId]);
    await orders.refunds.sweep(10);
  };
  t.teardown(() => {
    bed.provider.before = () => undefined;
  });
  bed.provider.before = () => {
    throw new PaymentRefusedError('/refunds', 404, 'no such payment');
  };
  for (const sofar of [0, 0, 1, 2]) {
    await attempt();
    t.equal(await told(), sofar);
  }
  bed.provider.before = () => {
    throw new Error('away');
  };
  await attempt();
  t.equal(await told(), 2, 'a provider that is away has refused nothing');
  bed.provider.before = () => undefined;
  await attempt();
  t.equal(bed.provider.refunds.get(refundId)?.amountMinor, amountMinor + 1);
});

t.test(
  'the capture and the deadline at the same moment: a ticket or a refund, never both, never neither',
  async (t) => {
    const strict = bed.startProcess({ settings: { paymentWaitSeconds: 0 } });
    for (let round = 0; round < 20; round++) {
      const buyer = bed.buyer();
      const { intentId, amountMinor, seatIds } = await oneSeat(buyer);
      const key = await buyer.commit(intentId, seatIds);
      await bed.workOff(strict);
      await Promise.all([
        buyer.capture(intentId, amountMinor),
        strict.sweeper.unpaid(10),
        orders.sweeper.unpaid(10),
      ]);
      await until('an end', async () => {
        await bed.work();
        return (await buyer.status(key)).order?.status !== 'PROCESSING';
      });
      const { order } = await buyer.status(key);
      const refunded = (await refundsOf(intentId)).length;
      t.equal(order!.tickets.length + refunded, 1, `${order!.status}, ${refunded} refunds`);
    }
  },
);

t.test('money for an intent nobody made is kept and goes back, once', async (t) => {
  const intentId = `unknown-${randomUUID()}`;
  const event = {
    type: 'payment.captured',
    intentId,
    paymentId: `p-${intentId}`,
    amountMinor: seatPriceMinor,
  } as const;
  const other = bed.startProcess();
  await Promise.all([orders, other, orders, other].map((process) => process.paymentEvents.record(event)));
  t.match(await refundsOf(intentId), [{ amount_minor: seatPriceMinor, reason: 'unknown_intent' }]);
});

t.test('two intents of one buyer over the same seat, both captured: one ticket, one refund', async (t) => {
  const buyer = bed.buyer();
  const { intentId, amountMinor, seatIds } = await oneSeat(buyer);
  const second = await buyer.intent(seatIds);
  const messages = [buyer.commitMessage(intentId, seatIds), buyer.commitMessage(second.intentId, seatIds)];
  await Promise.all([buyer.capture(intentId, amountMinor), buyer.capture(second.intentId, amountMinor)]);
  await Promise.all(messages.map((message) => orders.commits.accept(message)));
  await until('both to end', async () => {
    await bed.work();
    const ends = await Promise.all(
      messages.map(async ({ idem }) => (await buyer.status(idem)).order?.status),
    );
    return ends.sort().join() === 'CONFIRMED,REJECTED';
  });
  await orders.drain();
  t.equal((await refundsOf(intentId)).length + (await refundsOf(second.intentId)).length, 1);
  t.equal(
    bed.seats.stateOf(bed.saleId, seatIds[0]!),
    'sold',
    'the rejected one frees nothing under the other',
  );
});
