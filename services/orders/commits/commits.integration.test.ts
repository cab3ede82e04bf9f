import { randomUUID } from 'node:crypto';
import type { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createSqs } from '@onsale/platform/sqs';
import t from 'tap';
import { startTestBed, until } from '../test-bed.ts';

const bed = await startTestBed(t);
const { pool, orders } = bed;

const ordersOf = async (intentId: string) =>
  (await pool.query('select * from orders where intent_id = $1 order by alone', [intentId])).rows;

t.beforeEach(() => bed.workOff());

t.test('fifty commits of one key at once: one order, one message, one answer', async (t) => {
  const buyer = bed.buyer();
  const seatIds = bed.freeSeats(2);
  buyer.hold(seatIds);
  const { intentId } = await buyer.intent(seatIds);
  const message = buyer.commitMessage(intentId, seatIds);
  const other = bed.startProcess();
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, (_, index) => (index % 2 ? orders : other).commits.accept(message)),
  );
  t.same(new Set(outcomes.map(({ outcome }) => outcome)), new Set(['accepted']));
  t.equal((await ordersOf(intentId)).length, 1);
  const received = await until('the message', async () => {
    const messages = await bed.receive();
    return messages.length > 0 && messages;
  });
  t.equal(received.length, 1);
  t.same(JSON.parse(received[0]!.Body!), message);
  t.equal(received[0]!.Attributes!.MessageGroupId, intentId);
  const [order] = await until('the mark', async () => {
    const rows = await ordersOf(intentId);
    return rows[0].sent_at && rows;
  });
  t.match(order, { status: 'PROCESSING', begun_at: Date, attempt: 1 });
});

t.test(
  'another body, or another buyer, may not use the key; fifty of each at once get one winner',
  async (t) => {
    const alice = bed.buyer();
    const seatIds = bed.freeSeats(2);
    alice.hold(seatIds);
    const { intentId } = await alice.intent(seatIds);
    const key = await alice.commit(intentId, seatIds);
    for (const other of [
      alice.commitMessage(intentId, seatIds.slice(1), key),
      alice.commitMessage('pi_other', seatIds, key),
      bed.buyer().commitMessage(intentId, seatIds, key),
    ]) {
      t.match(await orders.commits.accept(other), { outcome: 'key-reused' });
    }
    t.match(await orders.commits.accept(alice.commitMessage(intentId, seatIds, key)), {
      outcome: 'accepted',
    });

    const contested = `contested-${randomUUID()}`;
    const other = bed.startProcess();
    const buyers = Array.from({ length: 50 }, () => bed.buyer());
    // Each commits an intent of its own: no lock but the key's keeps them apart.
    const messages = buyers.map((buyer) => buyer.commitMessage(`pi_${randomUUID()}`, seatIds, contested));
    const outcomes = await Promise.all(
      messages.map((message, index) => (index % 2 ? orders : other).commits.accept(message)),
    );
    t.equal(outcomes.filter(({ outcome }) => outcome === 'accepted').length, 1);
  },
);

t.test('what a commit says wrong rejects it at once, and leaves the intent as it is', async (t) => {
  const alice = bed.buyer();
  const seatIds = bed.freeSeats(2);
  alice.hold(seatIds);
  const { intentId } = await alice.intent(seatIds);
  const mallory = bed.buyer();
  for (const [reason, buyer, message] of [
    ['unknown_intent', alice, alice.commitMessage('pi_never-made', seatIds)],
    ['not_owner', mallory, mallory.commitMessage(intentId, seatIds)],
    ['seats_mismatch', alice, alice.commitMessage(intentId, seatIds.slice(1))],
  ] as const) {
    t.match(await orders.commits.accept(message), { outcome: 'accepted' });
    t.match(await buyer.status(message.idem), {
      order: { status: 'REJECTED', reason, userId: buyer.userId, tickets: [] },
      payment: null,
    });
    t.match(await orders.commits.accept(message), { outcome: 'accepted' }, 'repeated, it is the same');
  }
  t.equal((await bed.receive()).length, 0, 'none of them went through the queue');
  const key = await alice.commit(intentId, [...seatIds].reverse());
  t.match(await alice.status(key), { order: { status: 'PROCESSING' } }, 'the order of seats does not matter');
});

t.test('seats not held, held by another, or held too long ago reject it in milliseconds', async (t) => {
  const buyer = bed.buyer();
  const [free, others, lapsed] = [bed.freeSeats(1), bed.freeSeats(1), bed.freeSeats(1)];
  bed.buyer().hold(others);
  buyer.hold(lapsed, -1);
  for (const [seatIds, reason] of [
    [free, 'seat_not_held'],
    [others, 'seat_not_held'],
    [lapsed, 'hold_expired'],
  ] as const) {
    const { intentId } = await buyer.intent(seatIds);
    const key = await buyer.commit(intentId, seatIds);
    t.match(await buyer.status(key), {
      order: { status: 'REJECTED', reason },
      payment: { status: 'PENDING', intentId },
    });
  }
});

t.test('the order belongs to the intent: another key is another name for it', async (t) => {
  const buyer = bed.buyer();
  const seatIds = bed.freeSeats(1);
  const { intentId } = await buyer.intent(seatIds);
  const first = await buyer.commit(intentId, seatIds);
  buyer.hold(seatIds);
  const second = await buyer.commit(intentId, seatIds);
  t.same((await buyer.status(second)).order, (await buyer.status(first)).order);
  t.match((await buyer.status(second)).order, { status: 'REJECTED', reason: 'seat_not_held' });
});

t.test(
  'with the queue away a commit is accepted all the same, and sent once the queue is back',
  async (t) => {
    const away = createSqs({ region: 'ap-northeast-1', endpoint: 'http://127.0.0.1:9' });
    t.teardown(() => away.destroy());
    const halted = bed.startProcess({ sqs: away, settings: { sendWaitMs: 100 } });
    const buyer = bed.buyer();
    const seatIds = bed.freeSeats(1);
    buyer.hold(seatIds);
    const { intentId } = await buyer.intent(seatIds);
    const message = buyer.commitMessage(intentId, seatIds);
    const startedAt = performance.now();
    t.match(await halted.commits.accept(message), { outcome: 'accepted' });
    t.ok(performance.now() - startedAt < 10_000, 'the buyer does not wait for the queue');
    t.match(await buyer.status(message.idem), { order: { status: 'PROCESSING' } });
    await halted.drain();
    t.match((await ordersOf(intentId))[0], { begun_at: Date, sent_at: null });

    await buyer.capture(intentId, 1000);
    await until('a sweeper to send it', async () => (await orders.sweeper.unsent(10)) > 0);
    await bed.workOff();
    t.match(await buyer.status(message.idem), { order: { status: 'CONFIRMED' } });
  },
);

t.test('with the seats’ store away it is accepted, and begun by the sweeper', async (t) => {
  const buyer = bed.buyer();
  const seatIds = bed.freeSeats(1);
  buyer.hold(seatIds);
  const { intentId } = await buyer.intent(seatIds);
  bed.seats.before = () => {
    throw new Error('Redis is away');
  };
  const key = await buyer.commit(intentId, seatIds);
  bed.seats.before = () => undefined;
  t.match(await buyer.status(key), { order: { status: 'PROCESSING' } });
  t.match((await ordersOf(intentId))[0], { begun_at: null, sent_at: null });
  await buyer.capture(intentId, 1000);
  await until('a sweeper to start it', async () => (await orders.sweeper.unsent(10)) > 0);
  await bed.workOff();
  t.match(await buyer.status(key), { order: { status: 'CONFIRMED' } });
});

t.test('a message the queue lost is sent again, under another deduplication id', async (t) => {
  const impatient = bed.startProcess({ settings: { lostMessageAfterSeconds: 0 } });
  const buyer = bed.buyer();
  const seatIds = bed.freeSeats(1);
  buyer.hold(seatIds);
  const { intentId, amountMinor } = await buyer.intent(seatIds);
  const message = buyer.commitMessage(intentId, seatIds);
  await impatient.commits.accept(message);
  await impatient.drain();
  const lost = await bed.receive();
  t.equal(lost.length, 1);
  // Read and never heard of again.
  await pool.query('update orders set due_at = now() where intent_id = $1', [intentId]);
  t.equal(await impatient.sweeper.unsent(10), 1);
  await impatient.drain();
  t.match((await ordersOf(intentId))[0], { attempt: 2, sent_at: Date });
  await buyer.capture(intentId, amountMinor);
  const { verdicts } = { verdicts: await orders.processor.process([JSON.stringify(message)]) };
  t.same(verdicts, [{ verdict: 'done' }]);
  t.match(await buyer.status(message.idem), { order: { status: 'CONFIRMED' } });
});

t.test('a late answer about the first message does not count for the second', async (t) => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  let calls = 0;
  const shaky = Object.assign(Object.create(bed.sqs) as SQSClient, {
    send: async (command: SendMessageBatchCommand) => {
      if (++calls > 1) throw new Error('the queue is away');
      const answer = await bed.sqs.send(command);
      await gate;
      return answer;
    },
  });
  const process = bed.startProcess({ sqs: shaky, settings: { sendWaitMs: 10 } });
  const buyer = bed.buyer();
  const seatIds = bed.freeSeats(1);
  buyer.hold(seatIds);
  const { intentId, amountMinor } = await buyer.intent(seatIds);
  await process.commits.accept(buyer.commitMessage(intentId, seatIds));
  await bed.workOff();
  t.match((await ordersOf(intentId))[0], { status: 'AWAITING_PAYMENT', attempt: 1 });
  const paymentId = `p-${intentId}`;
  await process.paymentEvents.record({ type: 'payment.captured', intentId, paymentId, amountMinor });
  await until('the second message to fail', async () => calls === 2);
  open();
  await process.drain();
  t.match((await ordersOf(intentId))[0], { status: 'PROCESSING', attempt: 2, sent_at: null });
});

t.test('a commit no message could settle is rejected after its last attempt, and refunded', async (t) => {
  const impatient = bed.startProcess({ settings: { lostMessageAfterSeconds: 0, maxAttempts: 2 } });
  const buyer = bed.buyer();
  const seatIds = bed.freeSeats(1);
  buyer.hold(seatIds);
  const { intentId, amountMinor } = await buyer.intent(seatIds);
  await buyer.capture(intentId, amountMinor);
  const message = buyer.commitMessage(intentId, seatIds);
  await impatient.commits.accept(message);
  for (const _attempt of [1, 2]) {
    await impatient.drain();
    await pool.query('update orders set due_at = now() where intent_id = $1', [intentId]);
    await impatient.sweeper.unsent(10);
  }
  await impatient.drain();
  t.match(await buyer.status(message.idem), {
    order: { status: 'REJECTED', reason: 'not_settled' },
    payment: { status: 'REFUNDING' },
  });
  t.equal(bed.seats.stateOf(bed.saleId, seatIds[0]!), 'free');
});

t.test('ten commits leave in one call, each with its trace', async (t) => {
  const sent: SendMessageBatchCommand[] = [];
  const recording = Object.assign(Object.create(bed.sqs) as SQSClient, {
    send: (command: SendMessageBatchCommand) => {
      sent.push(command);
      return bed.sqs.send(command);
    },
  });
  const process = bed.startProcess({ sqs: recording });
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  const commits = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const buyer = bed.buyer();
      const seatIds = bed.freeSeats(1);
      buyer.hold(seatIds);
      const { intentId } = await buyer.intent(seatIds);
      return buyer.commitMessage(intentId, seatIds);
    }),
  );
  await Promise.all(commits.map((commit) => process.commits.accept(commit, traceparent)));
  t.equal(sent.flatMap((command) => command.input.Entries).length, 10);
  t.ok(sent.length <= 3, `${sent.length} calls`);
  const received = await bed.receive();
  t.ok(received.length > 0);
  t.ok(received.every((message) => message.MessageAttributes!['traceparent']!.StringValue === traceparent));
  await bed.workOff();
});
