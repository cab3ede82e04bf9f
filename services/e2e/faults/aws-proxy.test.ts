import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSeededRandom } from '@onsale/platform/seeded-random';
import t, { type Test } from 'tap';
import { startAwsProxy } from './aws-proxy.ts';
import { answersLost, partialDynamoDb, partialSqs, throttling } from './aws-troubles.ts';
import { harmDeliveries } from './queue-deliveries.ts';

/** A service that answers what `answer` makes of each call, behind a proxy; `calls` are those that reached it. */
async function serviceBehindProxy(t: Test, answer: (input: Record<string, unknown>) => object) {
  const calls: Record<string, unknown>[] = [];
  const service = createServer((from, to) => {
    void (async () => {
      let text = '';
      for await (const piece of from) text += String(piece);
      calls.push(JSON.parse(text) as Record<string, unknown>);
      to.end(JSON.stringify(answer(calls.at(-1)!)));
    })();
  });
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
  const proxy = await startAwsProxy((service.address() as AddressInfo).port);
  t.teardown(async () => {
    await proxy.close();
    service.close();
  });
  const ask = async (operation: string, input: object) => {
    const asked = await fetch(`http://127.0.0.1:${proxy.port}/`, {
      method: 'POST',
      headers: { 'x-amz-target': `Service.${operation}` },
      body: JSON.stringify(input),
    });
    return { status: asked.status, output: (await asked.json()) as Record<string, unknown> };
  };
  return { proxy, calls, ask, service };
}

/** Half of everything, counted. */
function half() {
  const noted = new Map<string, number>();
  const note = (what: string, count = 1) => noted.set(what, (noted.get(what) ?? 0) + count);
  return { noted, harm: { random: createSeededRandom('half'), share: 0.5, note } };
}

t.test('calls pass, are refused, and are done without anybody hearing of it', async (t) => {
  const { proxy, calls, ask } = await serviceBehindProxy(t, (input) => ({ echo: input }));
  t.same(await ask('GetItem', { a: 1 }), { status: 200, output: { echo: { a: 1 } } });

  const { noted, harm } = half();
  proxy.set(throttling('ThrottlingException')(harm));
  const refused = await Promise.all(Array.from({ length: 20 }, () => ask('GetItem', {})));
  const throttled = refused.filter(({ status }) => status === 400);
  t.equal(throttled.length, noted.get('calls throttled'));
  t.equal(throttled[0]?.output['__type'], 'ThrottlingException');
  t.equal(calls.length, 1 + 20 - throttled.length, 'a refused call reaches nobody');

  proxy.set(answersLost()(harm));
  const before = calls.length;
  const lost = await Promise.all(Array.from({ length: 20 }, () => ask('PutItem', {})));
  t.equal(lost.filter(({ status }) => status === 500).length, noted.get('answers lost'));
  t.equal(calls.length, before + 20, 'a lost answer was an answer');
});

t.test('a service that is away looks as if it were away', async (t) => {
  const { ask, service } = await serviceBehindProxy(t, () => ({}));
  service.close();
  service.closeAllConnections();
  await t.rejects(ask('GetItem', {}));
});

t.test('of a batch a part is done, and the rest is told', async (t) => {
  const { proxy, calls, ask } = await serviceBehindProxy(t, () => ({ UnprocessedItems: {} }));
  const { noted, harm } = half();
  proxy.set(partialDynamoDb()(harm));
  const requests = Array.from({ length: 20 }, (_, id) => ({ PutRequest: { id } }));
  const { output } = await ask('BatchWriteItem', { RequestItems: { locks: requests } });
  const left = (output['UnprocessedItems'] as { locks: unknown[] }).locks;
  const done = (calls[0]!['RequestItems'] as { locks: unknown[] }).locks;
  t.equal(left.length, noted.get('items left unprocessed'));
  t.equal(left.length + done.length, 20);
  t.notOk(left.some((one) => done.includes(one)));

  proxy.set(partialSqs()(harm));
  const entries = Array.from({ length: 10 }, (_, id) => ({ Id: String(id) }));
  const sent = await ask('SendMessageBatch', { Entries: entries });
  const failed = sent.output['Failed'] as { Id: string }[];
  t.equal(failed.length, noted.get('entries of batches failed'));
  t.equal(failed.length + (calls[1]!['Entries'] as unknown[]).length, 10);
});

t.test('messages come late, again, and overtaken, but they come', async (t) => {
  for (const how of ['late', 'again', 'reordered'] as const) {
    const queue = Array.from({ length: 40 }, (_, id) => ({ id }));
    const { noted, harm } = half();
    const { trouble, calm, waiting } = harmDeliveries(how, harm, () => nowMs);
    const heard: number[] = [];
    let nowMs = 0;
    let most = 0;
    while (queue.length > 0 || waiting() > 0) {
      const { output } = await trouble(
        { operation: 'ReceiveMessage', input: { MaxNumberOfMessages: 10 } },
        async (input) => {
          const Messages = queue.splice(0, Number(input['MaxNumberOfMessages']));
          return { status: 200, output: { Messages } };
        },
      );
      const messages = (output['Messages'] ?? []) as { id: number }[];
      most = Math.max(most, messages.length);
      heard.push(...messages.map(({ id }) => id));
      if (queue.length === 0) calm();
      nowMs += 50;
    }
    t.ok(most <= 10, 'SQS answers with ten at the most');
    const [[, harmed] = []] = noted;
    t.ok(harmed! > 0, `${how}: ${harmed} of 40`);
    t.equal(new Set(heard).size, 40, 'none is lost');
    t.equal(heard.length, how === 'again' ? 40 + harmed! : 40);
    t.notSame(
      heard,
      [...heard].sort((a, b) => a - b),
    );
  }
});
