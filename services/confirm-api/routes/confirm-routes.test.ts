import type { CommitMessage } from '@onsale/contracts/queue/commit-message';
import type { IntentOutcome, IntentRequest } from '@onsale/orders/intents/create-intents';
import type { PaymentEvent } from '@onsale/orders/payments/decide-payment-events';
import { signatureHeader, signBody } from '@onsale/orders/payments/signature';
import type { OrderView } from '@onsale/orders/queries/order-view';
import { ApiError } from '@onsale/platform/http/api-error';
import { createHttpApp } from '@onsale/platform/http/create-http-app';
import { createIdentity } from '@onsale/platform/identity/create-identity';
import { issueLocalToken } from '@onsale/platform/identity/issue-local-token';
import { createLogger } from '@onsale/platform/logger';
import t from 'tap';
import { registerConfirmRoutes, type ConfirmRoutesDeps } from './confirm-routes.ts';

const key = 'a-secret-of-thirty-two-bytes-or-more';
const nowMs = 1_800_000_000_000;
const body = { userId: 'alice', eventId: 'event-0001', seatIds: ['R1C1'] };
const commitBody = { ...body, intentId: 'pi_1' };
const order: OrderView = {
  orderId: 'ord_1',
  intentId: 'pi_1',
  eventId: 'event-0001',
  userId: 'alice',
  seatIds: ['R1C1'],
  amount: 1000,
  currency: 'KRW',
  status: 'CONFIRMED',
  reason: null,
  tickets: [{ ticketId: 'tkt_1', seatId: 'R1C1', status: 'VALID' }],
  updatedAt: '2027-01-01T10:00:00.000Z',
};

function appWith(orders: Partial<ConfirmRoutesDeps['orders']>, deps: Partial<ConfirmRoutesDeps> = {}) {
  const app = createHttpApp({ logger: createLogger('test', 'silent') });
  const none = async () => {
    throw new Error('not expected');
  };
  registerConfirmRoutes(app, {
    orders: {
      intents: { create: none },
      commits: { accept: none },
      paymentEvents: { record: none },
      status: { read: none },
      readIntent: none,
      listOrders: none,
      cancelOrder: none,
      readRank: none,
      ...orders,
    },
    identity: createIdentity({ mode: 'open', localKey: key }),
    clock: { nowMs: () => nowMs },
    webhookSecrets: ['webhook-secret-new', 'webhook-secret-old'],
    ...deps,
  });
  return app;
}

type App = ReturnType<typeof appWith>;
const post = (app: App, url: string, payload: object, headers: Record<string, string> = {}) =>
  app.inject({ method: 'POST', url, payload, headers: { 'idempotency-key': 'key-of-alice', ...headers } });
const bearer = async (userId: string) => ({
  authorization: `Bearer ${await issueLocalToken({ userId, roles: [], key, ttlSeconds: 60 })}`,
});

t.test('health needs no store', async (t) => {
  const answer = await appWith({}).inject('/confirm/health');
  t.same(answer.json(), { ok: true, ts: nowMs });
});

t.test('an intent: 201 with Location, 200 when repeated, and what stands in its way', async (t) => {
  const asked: IntentRequest[] = [];
  let outcome: IntentOutcome = {
    outcome: 'created',
    intent: { intentId: 'pi_1', amountMinor: 1000, currency: 'KRW' },
  };
  const app = appWith({
    intents: {
      create: async (request) => {
        asked.push(request);
        return outcome;
      },
    },
  });
  const created = await post(app, '/confirm/payment-intent', body);
  t.equal(created.statusCode, 201);
  t.same(created.json(), { intentId: 'pi_1', amount: 1000, currency: 'KRW' });
  t.match(created.headers, { location: '/confirm/payment-intent/pi_1', 'cache-control': 'no-store' });
  t.notOk('x-idempotent-replay' in created.headers);
  t.same(asked, [{ idempotencyKey: 'key-of-alice', ...body }]);

  outcome = { ...outcome, outcome: 'replayed' };
  const replayed = await post(app, '/confirm/payment-intent', body);
  t.equal(replayed.statusCode, 200);
  t.equal(replayed.headers['x-idempotent-replay'], 'true');
  t.equal(replayed.body, created.body);

  for (const [refusal, status, error] of [
    [{ outcome: 'key-reused' }, 409, 'idempotency_key_reused'],
    [{ outcome: 'unknown-event' }, 404, 'not_found'],
    [{ outcome: 'general-admission' }, 400, 'bad_request'],
    [{ outcome: 'no-such-seat', seatId: 'R9C9' }, 400, 'bad_request'],
  ] as const) {
    outcome = refusal;
    const answer = await post(app, '/confirm/payment-intent', body);
    t.equal(answer.statusCode, status);
    t.equal(answer.json().error, error);
    t.same(Object.keys(answer.json()), ['error', 'message']);
  }
  t.match((await post(app, '/confirm/payment-intent', body)).json().message, /R9C9/);
});

t.test('Location of an intent answers how its payment stands', async (t) => {
  const payment = {
    intentId: 'pi_1',
    paymentId: null,
    status: 'PENDING' as const,
    amount: 1000,
    refunded: 0,
  };
  const { eventId, seatIds } = body;
  const intent = { intentId: 'pi_1', eventId, seatIds, amount: 1000, currency: 'KRW', payment };
  const app = appWith({ readIntent: async (intentId) => (intentId === 'pi_1' ? intent : undefined) });
  const answer = await app.inject('/confirm/payment-intent/pi_1');
  t.equal(answer.statusCode, 200);
  t.same(answer.json(), intent);
  t.equal(answer.headers['cache-control'], 'no-store');
  t.match((await app.inject('/confirm/payment-intent/pi_2')).json(), { error: 'not_found' });
});

t.test('malformed requests are refused before anybody is asked', async (t) => {
  const app = appWith({});
  for (const [url, valid] of [
    ['/confirm/payment-intent', body],
    ['/confirm/commit', commitBody],
  ] as const) {
    t.equal((await post(app, url, valid, { 'idempotency-key': 'short' })).statusCode, 400, 'key too short');
    const keyless = await app.inject({ method: 'POST', url, payload: valid });
    t.match(keyless.json(), { error: 'bad_request' });
    for (const wrong of [
      { seatIds: [] },
      { seatIds: ['R1C1', 'R1C1'] },
      { seatIds: 'R1C1' },
      { seatIds: ['A1'] },
      { userId: '' },
      { userId: 7 },
      { eventId: 'No Event' },
    ]) {
      const answer = await post(app, url, { ...valid, ...wrong });
      t.equal(answer.statusCode, 400, JSON.stringify(wrong));
    }
  }
});

t.test('a commit: 202 and where to follow it, key and trace handed on', async (t) => {
  const asked: [CommitMessage, string | undefined][] = [];
  let reused = false;
  const app = appWith({
    commits: {
      accept: async (message, traceparent) => {
        asked.push([message, traceparent]);
        return { outcome: reused ? 'key-reused' : 'accepted' };
      },
    },
  });
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  const idem = 'key/of&alice?=1';
  const answer = await post(app, '/confirm/commit', commitBody, { 'idempotency-key': idem, traceparent });
  t.equal(answer.statusCode, 202);
  t.same(answer.json(), { accepted: true, status: 'PROCESSING', idem });
  t.match(answer.headers, {
    location: '/confirm/status?idem=key%2Fof%26alice%3F%3D1',
    'cache-control': 'no-store',
  });
  const { intentId, eventId, seatIds, userId } = commitBody;
  t.same(asked, [
    [{ type: 'COMMIT_ORDER', payload: { intentId, eventId, seatIds, userId }, idem }, traceparent],
  ]);
  reused = true;
  t.match((await post(app, '/confirm/commit', commitBody)).json(), { error: 'idempotency_key_reused' });
});

t.test('with PostgreSQL away: 503 with Retry-After', async (t) => {
  const app = appWith({
    commits: {
      accept: async () => {
        throw new ApiError('unavailable', 'away');
      },
    },
  });
  const answer = await post(app, '/confirm/commit', commitBody);
  t.equal(answer.statusCode, 503);
  t.equal(answer.headers['retry-after'], '1');
  t.match(answer.json(), { error: 'unavailable' });
});

t.test('with bearer identity the token’s subject is the buyer', async (t) => {
  const app = appWith(
    {
      intents: {
        create: async () => ({
          outcome: 'created',
          intent: { intentId: 'pi_1', amountMinor: 1, currency: 'KRW' },
        }),
      },
      commits: { accept: async () => ({ outcome: 'accepted' }) },
      listOrders: async (userId) => [{ ...order, userId }],
      cancelOrder: async ({ userId }) => ({
        outcome: 'cancelled',
        order: { ...order, userId },
        refundMinor: 5,
      }),
    },
    { identity: createIdentity({ mode: 'bearer', localKey: key }) },
  );
  for (const [url, payload, ok] of [
    ['/confirm/payment-intent', body, 201],
    ['/confirm/commit', commitBody, 202],
    ['/confirm/orders/ord_1/cancel', { userId: 'alice' }, 200],
  ] as const) {
    t.equal((await post(app, url, payload)).statusCode, 401, `${url} without a token`);
    t.equal((await post(app, url, payload, await bearer('mallory'))).json().error, 'forbidden');
    t.equal((await post(app, url, payload, await bearer('alice'))).statusCode, ok);
  }
  const list = await app.inject({ url: '/confirm/orders', headers: await bearer('alice') });
  t.match(list.json(), { orders: [{ orderId: 'ord_1', userId: 'alice' }] });
  t.equal(
    (await app.inject({ url: '/confirm/orders?userId=bob', headers: await bearer('alice') })).statusCode,
    403,
  );
});

t.test('status: both null for a key nobody used, and 304 for what has not changed', async (t) => {
  let status: object = { order: null, payment: null };
  const app = appWith({ status: { read: async () => status as never } });
  const unknown = await app.inject('/confirm/status?idem=never-used');
  t.equal(unknown.statusCode, 200);
  t.same(unknown.json(), { order: null, payment: null });
  t.match(unknown.headers, { 'cache-control': 'private, max-age=0, must-revalidate', etag: /^"[\w-]+"$/ });
  status = {
    order,
    payment: { intentId: 'pi_1', paymentId: null, status: 'PENDING', amount: 1000, refunded: 0 },
  };
  const known = await app.inject('/confirm/status?idem=key-of-alice');
  t.same(known.json(), status);
  const ask = (etag: string) =>
    app.inject({ url: '/confirm/status?idem=key-of-alice', headers: { 'if-none-match': etag } });
  const etag = String(known.headers.etag);
  for (const same of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const again = await ask(same);
    t.equal(again.statusCode, 304, same);
    t.equal(again.body, '');
    t.equal(again.headers.etag, etag);
  }
  t.equal((await ask(String(unknown.headers.etag))).statusCode, 200);
  t.equal((await app.inject('/confirm/status')).statusCode, 400);
  t.equal((await app.inject('/confirm/status?idem=short')).statusCode, 400);
});

t.test('cancelling: each outcome has its answer', async (t) => {
  let outcome: unknown = { outcome: 'cancelled', order, refundMinor: 1000 };
  const app = appWith({ cancelOrder: async () => outcome as never });
  const cancel = () => post(app, '/confirm/orders/ord_1/cancel', { userId: 'alice' });
  const cancelled = await cancel();
  t.same(cancelled.json(), { order, refundAmount: 1000 });
  t.equal(cancelled.headers['cache-control'], 'no-store');
  for (const [name, status, error] of [
    ['unknown-order', 404, 'not_found'],
    ['unknown-ticket', 404, 'not_found'],
    ['not-owner', 403, 'forbidden'],
    ['event-begun', 409, 'conflict'],
    ['not-confirmed', 409, 'conflict'],
  ] as const) {
    outcome = { outcome: name };
    const answer = await cancel();
    t.equal(answer.statusCode, status, name);
    t.equal(answer.json().error, error);
  }
});

t.test('the rank of an order: each outcome has its answer', async (t) => {
  const rank = {
    orderId: 'ord_1',
    saleId: 'practice.7',
    takenMs: 4200,
    chosenMs: 1900,
    paidMs: 3800,
    others: 9,
    otherBots: 7,
    faster: 3,
    fasterBots: 2,
    percentile: 66,
  };
  let outcome: unknown = { outcome: 'ranked', rank };
  const app = appWith({ readRank: async () => outcome as never });
  const ask = () => app.inject('/confirm/orders/ord_1/rank?userId=alice');
  t.same((await ask()).json(), rank);
  for (const [name, status, error] of [
    ['unknown-order', 404, 'not_found'],
    ['not-owner', 403, 'forbidden'],
    ['not-ranked', 409, 'conflict'],
  ] as const) {
    outcome = { outcome: name };
    const answer = await ask();
    t.equal(answer.statusCode, status, name);
    t.equal(answer.json().error, error);
  }
  t.equal((await app.inject('/confirm/orders/ord_1/rank')).statusCode, 401, 'nobody asks');
});

t.test('a buyer who calls too often is told to slow down', async (t) => {
  const app = appWith(
    {},
    {
      limitBuyersOf: (kind) => (buyer) => {
        throw new ApiError('throttled', `${kind} by ${buyer}`, { retryAfterSec: 7 });
      },
    },
  );
  for (const [url, payload] of [
    ['/confirm/payment-intent', body],
    ['/confirm/commit', commitBody],
  ] as const) {
    const answer = await post(app, url, payload);
    t.equal(answer.statusCode, 429);
    t.equal(answer.headers['retry-after'], '7');
  }
});

t.test('the provider’s callback', async (t) => {
  const events: PaymentEvent[] = [];
  const app = appWith({ paymentEvents: { record: async (event) => void events.push(event) } });
  const event = { type: 'payment.captured', intentId: 'pi_1', paymentId: 'pay_1', amount: 1000 };
  const call = (payload: string, signature?: string, type = 'application/json') =>
    app.inject({
      method: 'POST',
      url: '/confirm/payment-callback',
      payload,
      headers: { 'content-type': type, ...(signature === undefined ? {} : { [signatureHeader]: signature }) },
    });
  const signed = (payload: string, secret = 'webhook-secret-new') =>
    call(payload, signBody(secret, payload, nowMs));

  await t.test('signed over its very bytes, by either secret, it is taken', async (t) => {
    const spaced = `  ${JSON.stringify(event, null, 3)}\n`;
    for (const secret of ['webhook-secret-new', 'webhook-secret-old']) {
      const answer = await signed(spaced, secret);
      t.equal(answer.statusCode, 200);
      t.same(answer.json(), { received: true });
    }
    t.same(
      events.splice(0),
      Array(2).fill({ type: event.type, intentId: 'pi_1', paymentId: 'pay_1', amountMinor: 1000 }),
    );
  });

  await t.test(
    'unsigned, badly signed or changed under way it is refused before anything is said of it',
    async (t) => {
      const good = JSON.stringify(event);
      for (const [payload, signature] of [
        [good, undefined],
        [good, 'nonsense'],
        [good, signBody('webhook-secret-else', good, nowMs)],
        [good, signBody('webhook-secret-new', good, nowMs - 600_000)],
        [good.replace('1000', '1'), signBody('webhook-secret-new', good, nowMs)],
        ['{', undefined],
        ['', undefined],
        ['{"type":"payment.captured"}', 'nonsense'],
        [good, 'x'.repeat(600)],
      ] as const) {
        for (const type of ['application/json', 'text/plain']) {
          const answer = await call(payload, signature, type);
          t.equal(answer.statusCode, 401, `${payload} ${signature?.slice(0, 20)}`);
          t.equal(answer.json().error, 'bad_signature');
        }
      }
      const bodiless = await app.inject({ method: 'POST', url: '/confirm/payment-callback' });
      t.equal(bodiless.statusCode, 401);
      t.same(events, []);
    },
  );

  await t.test('signed, but no payment event', async (t) => {
    for (const wrong of [
      '{',
      '[]',
      JSON.stringify({ ...event, type: 'payment.refunded' }),
      JSON.stringify({ ...event, amount: -1 }),
      JSON.stringify({ ...event, amount: '1000' }),
      JSON.stringify({ ...event, amount: 1e300 }),
      JSON.stringify({ ...event, intentId: '' }),
    ]) {
      const answer = await signed(wrong);
      t.equal(answer.statusCode, 400, wrong);
      t.equal(answer.json().error, 'bad_request');
    }
    t.same(events, []);
  });
});

t.test('every endpoint of the contract is served', async (t) => {
  const { confirmRoutes } = await import('@onsale/contracts/http/confirm-routes');
  const app = appWith({});
  await app.ready();
  for (const { method, url } of confirmRoutes) {
    t.ok(app.hasRoute({ method, url: url.replace(/\{(\w+)\}/g, ':$1') }), `${method} ${url}`);
  }
});
