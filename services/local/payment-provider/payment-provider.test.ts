import { createServer } from 'node:http';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import type { AddressInfo } from 'node:net';
import { isSignedBody, signatureHeader } from '@onsale/orders/payments/signature';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import { PaymentLedger } from './payment-ledger.ts';
import { createPaymentProviderApp } from './payment-provider-app.ts';

const key = { authorization: 'Bearer merchant' };

/** A merchant that refuses the first `refusals` events and keeps the others. */
async function merchant(t: Test, refusals = 0) {
  const events: { type: string; paymentId: string; signed: boolean }[] = [];
  let left = refusals;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (left-- > 0) return response.writeHead(503).end();
      const body = Buffer.concat(chunks);
      const signed = isSignedBody(['secret'], String(request.headers[signatureHeader]), body, Date.now());
      events.push({ ...JSON.parse(body.toString()), signed });
      return response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const app = createPaymentProviderApp({
    webhookUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    webhookSecret: 'secret',
    key: 'merchant',
    behaviour: 'success',
    lateMs: 20,
    ledgerFile: undefined,
    logger: pino({ level: 'silent' }),
  });
  t.teardown(async () => {
    await app.close();
    server.close();
    server.closeAllConnections();
  });
  const awaitEvents = async (count: number) => {
    while (events.length < count) await turn();
    return events;
  };
  return { app, events, awaitEvents };
}

const open = (intentId: string) => ({
  method: 'POST' as const,
  url: '/payments',
  headers: key,
  payload: { intentId, amount: 500, currency: 'KRW' },
});

t.test('a payment is captured once, however often it is opened, and the event is signed', async (t) => {
  const { app, awaitEvents } = await merchant(t);
  t.equal((await app.inject(open('i1'))).statusCode, 201);
  t.equal((await app.inject(open('i1'))).statusCode, 200);
  t.match(await awaitEvents(1), [{ type: 'payment.captured', paymentId: 'pay_i1', signed: true }]);
  t.match((await app.inject('/ledger')).json(), { captured: 500, refunded: 0 });
});

t.test('an event is repeated until the merchant takes it', async (t) => {
  const { app, awaitEvents } = await merchant(t, 2);
  await app.inject(open('i1'));
  t.equal((await awaitEvents(1)).length, 1);
});

t.test('behaviours', async (t) => {
  const { app, events, awaitEvents } = await merchant(t);
  for (const [behaviour, types] of [
    ['failure', ['payment.failed']],
    ['late', ['payment.captured']],
    ['duplicate', ['payment.captured', 'payment.captured', 'payment.captured']],
    ['reordered', ['payment.captured', 'payment.failed']],
    ['twice', ['payment.captured', 'payment.captured']],
  ] as const) {
    events.length = 0;
    await app.inject({ method: 'PUT', url: `/payments/${behaviour}/behaviour`, payload: { behaviour } });
    await app.inject(open(behaviour));
    t.same(
      (await awaitEvents(types.length)).map((event) => event.type),
      types,
      behaviour,
    );
  }
  events.length = 0;
  await app.inject({ method: 'PUT', url: '/behaviour', payload: { behaviour: 'manual' } });
  await app.inject(open('by-hand'));
  t.match((await app.inject('/payments/by-hand')).json(), { status: 'open' });
  await app.inject({ method: 'POST', url: '/payments/by-hand/pay', payload: {} });
  t.match(await awaitEvents(1), [{ type: 'payment.captured', paymentId: 'pay_by-hand' }]);
});

t.test('refunds: once per id, never more than captured, and only with the key', async (t) => {
  const { app, awaitEvents } = await merchant(t);
  await app.inject(open('i1'));
  await awaitEvents(1);
  const refund = (refundId: string, amount: number, headers: Record<string, string> = key) =>
    app.inject({
      method: 'POST',
      url: '/refunds',
      headers,
      payload: { refundId, paymentId: 'pay_i1', amount },
    });
  t.equal((await refund('r1', 200, {})).statusCode, 401);
  t.equal((await refund('r1', 200)).statusCode, 201);
  t.equal((await refund('r1', 200)).statusCode, 200);
  t.equal((await refund('r2', 400)).statusCode, 409);
  t.equal((await refund('r2', 300)).statusCode, 201);
  t.match((await app.inject('/ledger')).json(), { captured: 500, refunded: 500 });
});

t.test('a kept ledger knows earlier captures after a restart', (t) => {
  const file = `${t.testdir()}/ledger.jsonl`;
  new PaymentLedger(file).capture('p1', 'i1', 100);
  const again = new PaymentLedger(file);
  t.equal(again.refund('r1', 'p1', 100), 'refunded');
  t.equal(new PaymentLedger(file).refund('r1', 'p1', 100), 'repeated');
  t.end();
});
