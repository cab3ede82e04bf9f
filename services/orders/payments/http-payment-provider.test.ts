import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { createHttpPaymentProvider, PaymentRefusedError } from './http-payment-provider.ts';

interface Call {
  readonly path: string | undefined;
  readonly key: string | undefined;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

/** A provider that answers with these statuses in turn, the last of them from then on; 0 is no answer. */
async function provider(t: Test, ...statuses: number[]) {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    void callOf(request).then((call) => {
      calls.push(call);
      const status = statuses.length > 1 ? statuses.shift()! : statuses[0]!;
      if (status !== 0) response.writeHead(status).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    calls,
    client: createHttpPaymentProvider({ url, key: 'merchant', timeoutMs: 1500, maxRetries: 2 }),
  };
}

async function callOf(request: IncomingMessage): Promise<Call> {
  let text = '';
  for await (const chunk of request) text += chunk;
  const { url: path, headers } = request;
  const key = headers['idempotency-key'] as string | undefined;
  return { path, key, authorization: headers.authorization, body: JSON.parse(text) };
}

const payment = { intentId: 'pi_1', amountMinor: 1000, currency: 'KRW', userId: 'alice' };
const refund = { refundId: 'rf_1', paymentId: 'pay_1', amountMinor: 400 };

t.test('payments and refunds are told with their ids as idempotency keys', async (t) => {
  const { calls, client } = await provider(t, 201);
  await client.openPayment(payment);
  await client.refund(refund);
  const authorization = 'Bearer merchant';
  t.same(calls, [
    {
      path: '/payments',
      key: 'pi_1',
      authorization,
      body: { intentId: 'pi_1', amount: 1000, currency: 'KRW', customer: 'alice' },
    },
    {
      path: '/refunds',
      key: 'rf_1',
      authorization,
      body: { refundId: 'rf_1', paymentId: 'pay_1', amount: 400 },
    },
  ]);
});

t.test('an outage is tried again, a refusal is not', async (t) => {
  const shaky = await provider(t, 503, 0, 200);
  await shaky.client.refund(refund);
  t.equal(shaky.calls.length, 3, 'an error, a silence, an answer');
  const firm = await provider(t, 409);
  await t.rejects(firm.client.refund(refund), PaymentRefusedError);
  t.equal(firm.calls.length, 1);
});

t.test('a provider that stays down is left alone for a while', async (t) => {
  const { calls, client } = await provider(t, 500);
  for (let attempt = 0; attempt < 6; attempt++) await t.rejects(client.refund(refund));
  const asked = calls.length;
  t.ok(asked >= 10 && asked <= 12, `${asked} calls until the circuit opened`);
  await t.rejects(client.refund(refund));
  t.equal(calls.length, asked, 'not asked any more');
});
