import { GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Orders } from '@onsale/orders/create-orders';
import { startTestBed, until, type TestBuyer } from '@onsale/orders/test-bed';
import { createLogger } from '@onsale/platform/logger';
import t, { type Test } from 'tap';
import { createConfirmWorker } from './app.ts';

const bed = await startTestBed(t, {}, { visibilityTimeoutSeconds: 2 });
const { orders, sqs, queue, pool } = bed;
t.setTimeout(240_000);

function startWorker(t: Test, over: Partial<Orders> = {}, visibilityTimeoutSeconds = 2) {
  const worker = createConfirmWorker({
    orders: { ...orders, ...over },
    sqs,
    logger: createLogger('test', process.env['TEST_LOG'] ?? 'silent'),
    settings: {
      queueUrl: queue.queueUrl,
      dlqUrl: queue.dlqUrl,
      concurrency: 2,
      visibilityTimeoutSeconds,
      waitTimeSeconds: 1,
      resendEveryMs: 100,
      refundEveryMs: 50,
      paymentSweepEveryMs: 50,
    },
  });
  worker.start();
  t.teardown(() => worker.stop());
  return worker;
}

async function paidOrder(buyer: TestBuyer, seatIds = bed.freeSeats(1)) {
  buyer.hold(seatIds);
  const { intentId, amountMinor } = await buyer.intent(seatIds);
  await buyer.capture(intentId, amountMinor);
  // Captured, it is committed already; a second message would only be taken for a delivery of the first.
  await orders.drain();
  return { seatIds, intentId, idem: await buyer.commit(intentId, seatIds) };
}

const ended = (buyer: TestBuyer, idem: string) =>
  until(`${idem} to end`, async () => {
    const status = await buyer.status(idem);
    return status.order && status.order.status !== 'PROCESSING' && status;
  });

t.test('thirty purchases at once: tickets, and the seats sold', async (t) => {
  startWorker(t);
  const buyers = Array.from({ length: 30 }, () => bed.buyer());
  const paid = await Promise.all(buyers.map((buyer) => paidOrder(buyer)));
  for (const [index, buyer] of buyers.entries()) {
    t.match(await ended(buyer, paid[index]!.idem), {
      order: { status: 'CONFIRMED' },
      payment: { status: 'CAPTURED' },
    });
  }
  await until('all seats to be sold', async () =>
    paid.every(({ seatIds }) => bed.seats.stateOf(bed.saleId, seatIds[0]!) === 'sold'),
  );
});

t.test(
  'a worker that dies after settling, before deleting: its message comes again and changes nothing',
  async (t) => {
    const buyer = bed.buyer();
    const { idem, intentId } = await paidOrder(buyer);
    const received = await until('the message', async () => (await bed.receive())[0]);
    await orders.processor.process([received.Body]);
    // Here it died.
    const { order } = await buyer.status(idem);
    t.match(order, { status: 'CONFIRMED' });
    let deliveries = 0;
    startWorker(t, {
      processor: {
        process: async (bodies) => {
          deliveries += bodies.filter((body) => body?.includes(intentId)).length;
          return orders.processor.process(bodies);
        },
      },
    });
    await until('the second delivery', async () => deliveries > 0);
    t.same((await buyer.status(idem)).order, order);
    const { rowCount } = await pool.query('select from refunds where intent_id = $1', [intentId]);
    t.equal(rowCount, 0);
  },
);

t.test('told to stop it finishes the batch it has, deletes it, and takes no other', async (t) => {
  const worker = startWorker(t, {
    processor: {
      process: async (bodies) => {
        stopped ??= worker.stop();
        // The stop is under way while the batch still is.
        await new Promise((resolve) => setTimeout(resolve, 300));
        return orders.processor.process(bodies);
      },
    },
  });
  let stopped: Promise<void> | undefined;
  const buyer = bed.buyer();
  const first = await paidOrder(buyer);
  await until('the stop', async () => stopped !== undefined);
  await stopped;
  t.match(await buyer.status(first.idem), { order: { status: 'CONFIRMED' } });
  await new Promise((resolve) => setTimeout(resolve, 2100));
  t.same(await bed.receive(), [], 'it was deleted: nothing comes back when its visibility ends');
  await paidOrder(buyer);
  await until('the next message to be left alone', async () => (await bed.receive()).length === 1);
});

t.test('a message that could not be settled comes again soon, not when its hiding ends', async (t) => {
  let refusals = 0;
  startWorker(
    t,
    {
      processor: {
        process: async (bodies) =>
          refusals++ < 2
            ? bodies.map(() => ({ verdict: 'retry', error: new Error('DynamoDB is away') }))
            : orders.processor.process(bodies),
      },
    },
    120,
  );
  const buyer = bed.buyer();
  const { idem } = await paidOrder(buyer);
  t.match(await ended(buyer, idem), { order: { status: 'CONFIRMED' } });
  t.ok(refusals > 2);
});

t.test('while PostgreSQL is away messages are left on the queue, and no delivery is used up', async (t) => {
  let away = true;
  let attempts = 0;
  startWorker(t, {
    isReady: async () => !away,
    processor: {
      process: async (bodies) => {
        attempts++;
        if (away) throw new Error('connection refused');
        return orders.processor.process(bodies);
      },
    },
  });
  const buyer = bed.buyer();
  const { idem } = await paidOrder(buyer);
  await until('the first failure', async () => attempts > 0);
  await new Promise((resolve) => setTimeout(resolve, 2500));
  t.ok(attempts <= 2, `${attempts} deliveries used: one for each consumer at most`);
  away = false;
  t.match(await ended(buyer, idem), { order: { status: 'CONFIRMED' } });
});

t.test('poison goes to the DLQ with its reason, and is gone from the queue', async (t) => {
  await bed.workOff();
  startWorker(t);
  for (const [index, body] of ['{"type":"COMMIT_ORDER"}', 'not even JSON'].entries()) {
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: queue.queueUrl,
        MessageBody: body,
        MessageGroupId: `broken-${index}`,
        MessageDeduplicationId: `broken-${index}`,
      }),
    );
  }
  const reasons = new Map<string | undefined, string | undefined>();
  await until('both to be there', async () => {
    for (const { Body, MessageAttributes } of await bed.receive(queue.dlqUrl)) {
      reasons.set(Body, MessageAttributes?.['reason']?.StringValue?.split(':')[0]);
    }
    return reasons.size === 2;
  });
  t.same([...reasons.values()].sort(), ['not_a_commit_message', 'not_json']);
  await until(
    'the queue to be empty',
    async () => {
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: queue.queueUrl, AttributeNames: ['All'] }),
      );
      const { ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible } = Attributes;
      return ApproximateNumberOfMessages === '0' && ApproximateNumberOfMessagesNotVisible === '0';
      // Later the queue itself would have put it away, after too many deliveries.
    },
    3000,
  );
});

t.test('sweepers do what was left: refunds, waiting captures, unpaid commits', async (t) => {
  startWorker(t);
  const buyer = bed.buyer();
  const seatIds = bed.freeSeats(1);
  const { intentId, amountMinor } = await buyer.intent(seatIds);
  await buyer.capture(intentId, amountMinor);
  await buyer.capture(intentId, amountMinor);
  await until('the second capture to go back', async () =>
    [...bed.provider.refunds.values()].some((refund) => refund.amountMinor === amountMinor),
  );
  buyer.hold(seatIds);
  await until('the first to become a ticket', async () => {
    const [order] = await orders.listOrders(buyer.userId, 1);
    return order?.status === 'CONFIRMED';
  });
});
