import { privatePostgres } from '@onsale/local/test-engines';
import { ApiError } from '@onsale/platform/http/api-error';
import { createLogger } from '@onsale/platform/logger';
import { createPostgres } from '@onsale/platform/postgres';
import t from 'tap';
import { startTestBed, until } from './test-bed.ts';

// Two servers start, and each way of being away is waited for.
t.setTimeout(120_000);

t.test('PostgreSQL killed: everything says unavailable, and goes on by itself once it is back', async (t) => {
  const [bed, postgres] = await Promise.all([startTestBed(t), privatePostgres(t)]);
  const pool = createPostgres(
    { url: postgres.url, maxConnections: 5, applicationName: 'test' },
    createLogger('test', 'silent'),
  );
  t.teardown(() => pool.end());
  const orders = bed.startProcess({ pool });
  const buyer = bed.buyer();
  const seatIds = bed.freeSeats(1);
  buyer.hold(seatIds);
  const request = {
    idempotencyKey: 'key-of-the-intent',
    userId: buyer.userId,
    eventId: bed.eventId,
    seatIds,
  };
  const made = await orders.intents.create(request);
  if (made.outcome !== 'created') return t.fail(made.outcome);
  const { intentId, amountMinor } = made.intent;
  const commit = buyer.commitMessage(intentId, seatIds);
  const payment = { type: 'payment.captured', intentId, paymentId: 'p-1', amountMinor } as const;
  const calls = () => [
    orders.intents.create(request),
    orders.commits.accept(commit),
    orders.paymentEvents.record(payment),
    orders.status.read(commit.idem),
    orders.listOrders(buyer.userId, 1),
    orders.cancelOrder({ orderId: 'ord_1', userId: buyer.userId }),
    orders.processor.process([JSON.stringify(commit)]),
  ];

  await postgres.kill();
  for (const result of await Promise.allSettled(calls())) {
    t.match(result, { status: 'rejected', reason: { code: 'unavailable' } });
    t.ok(result.status === 'rejected' && result.reason instanceof ApiError);
  }
  t.notOk(await orders.isReady());

  await postgres.start();
  await until('PostgreSQL to take writes', () => orders.isReady());
  t.match(await orders.intents.create(request), { outcome: 'replayed', intent: { intentId } });
  t.match(await orders.commits.accept(commit), { outcome: 'accepted' });
  await orders.paymentEvents.record(payment);
  await orders.drain();
  t.same(await orders.processor.process([JSON.stringify(commit)]), [{ verdict: 'done' }]);
  t.match(await orders.status.read(commit.idem), { order: { status: 'CONFIRMED' } });
});
