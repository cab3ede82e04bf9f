import { setTimeout as delay } from 'node:timers/promises';
import type { BatchWriteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Registry } from 'prom-client';
import t from 'tap';
import { createInventoryMetrics } from './inventory-metrics.ts';
import type { LockItem } from './lock-item.ts';
import { createLockWriter } from './lock-writer.ts';

type Requests = NonNullable<BatchWriteItemCommand['input']['RequestItems']>;

/** DynamoDB as told: gets each batch, returns what stays unprocessed. */
function fixture(
  answer: (requests: Requests[string], call: number) => Promise<Requests[string]>,
  heedsTimeout = true,
) {
  const batches: number[] = [];
  const dynamodb = {
    send: async (command: BatchWriteItemCommand, { requestTimeout }: { requestTimeout: number }) => {
      const requests = command.input.RequestItems!['locks']!;
      batches.push(requests.length);
      const late = delay(requestTimeout).then(() => {
        if (heedsTimeout) throw new Error('Too late');
        return new Promise<never>(() => undefined);
      });
      return { UnprocessedItems: { locks: await Promise.race([answer(requests, batches.length), late]) } };
    },
  };
  const writer = createLockWriter({
    dynamodb: dynamodb as unknown as DynamoDBClient,
    table: 'locks',
    metrics: createInventoryMetrics(new Registry()),
    deadlineMs: 100,
  });
  return { batches, write: (sk: string, put = true) => writer.write(write(sk, put)) };
}

const write = (sk: string, put: boolean) => ({
  key: { pk: 'pk', sk },
  item: put
    ? ({
        holdId: sk,
        state: 'held',
        seatIds: ['R1C1'],
        owner: 'a',
        fence: 1,
        expiresAtMs: 1,
      } satisfies LockItem)
    : undefined,
});

t.test('a hundred writes at once are four calls', async (t) => {
  const { batches, write } = fixture(async () => []);
  await Promise.all(Array.from({ length: 100 }, (_, index) => write(`hold-${index}`)));
  t.same(batches, [25, 25, 25, 25]);
});

t.test('the same key twice goes in two calls, in the order it was asked', async (t) => {
  const seen: string[] = [];
  const { batches, write } = fixture(async (requests) => {
    for (const request of requests) seen.push(request.PutRequest ? 'put' : 'delete');
    return [];
  });
  await Promise.all([write('hold-1'), write('hold-1', false)]);
  t.same(batches, [1, 1]);
  t.same(seen, ['put', 'delete']);
});

t.test('what stays unprocessed until the deadline fails alone', async (t) => {
  const { write } = fixture(async (requests) =>
    requests.filter((request) => request.PutRequest?.Item?.['sk']?.S === 'throttled'),
  );
  const [good, bad] = await Promise.allSettled([write('good'), write('throttled')]);
  t.equal(good.status, 'fulfilled');
  t.match(bad, { status: 'rejected', reason: { code: 'unavailable', retryAfterSec: 1 } });
});

t.test('a call that hangs is given up at the deadline', async (t) => {
  const { write } = fixture(() => new Promise(() => undefined));
  const startedAt = performance.now();
  await t.rejects(write('hold-1'), { code: 'unavailable', cause: { message: 'Too late' } });
  t.ok(performance.now() - startedAt < 2000);
});

t.test('behind slow calls a write fails when its time is over and is not sent', async (t) => {
  const { batches, write } = fixture(async () => delay(300, []), false);
  const results = await Promise.allSettled(
    Array.from({ length: 8 * 25 + 1 }, (_, index) => write(`hold-${index}`)),
  );
  t.equal(batches.length, 8);
  t.match(results.at(-1), { status: 'rejected', reason: { code: 'unavailable' } });
  t.ok(results.slice(0, -1).every((result) => result.status === 'fulfilled'));
});
