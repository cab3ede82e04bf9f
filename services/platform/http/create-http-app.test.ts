import type { AddressInfo } from 'node:net';
import { defineRoute, errorResponses } from '@onsale/contracts/http/route-contract';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import { Type } from 'typebox';
import { openRawConnection } from '../testing/raw-http.ts';
import { ApiError } from './api-error.ts';
import { createHttpApp, type HttpAppOptions, keepAliveTimeoutMs } from './create-http-app.ts';
import { registerRoute } from './register-route.ts';

const orderRoute = defineRoute({
  method: 'POST',
  url: '/orders/{eventId}',
  schema: {
    operationId: 'order',
    summary: 'Order',
    tags: ['test'],
    params: Type.Object({ eventId: Type.String({ maxLength: 64 }) }),
    querystring: Type.Object({ copies: Type.Optional(Type.Integer({ default: 1 })) }),
    body: Type.Object({ name: Type.String({ maxLength: 20 }), quantity: Type.Optional(Type.Integer()) }),
    response: {
      200: Type.Object({
        name: Type.String(),
        copies: Type.Integer(),
        quantity: Type.Optional(Type.Integer()),
      }),
      ...errorResponses(400, 503),
    },
  },
});
const readRoute = defineRoute({
  method: 'GET',
  url: '/orders/{eventId}',
  schema: {
    operationId: 'read',
    summary: 'Read',
    tags: ['test'],
    params: Type.Object({ eventId: Type.String() }),
    response: { 200: Type.Object({ eventId: Type.String() }), ...errorResponses(503) },
  },
});
const removeRoute = defineRoute({
  method: 'DELETE',
  url: '/orders/{eventId}',
  schema: { operationId: 'remove', summary: 'Remove', tags: ['test'], response: { 200: Type.Object({}) } },
});

function fixture(t: Test, options: Partial<HttpAppOptions> = {}) {
  const lines: any[] = [];
  const logger = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const app = createHttpApp({ logger, ...options });
  t.teardown(() => app.close());
  registerRoute(app, orderRoute, async (request) => ({
    name: request.body.name,
    copies: request.query.copies ?? 0,
    quantity: request.body.quantity,
    secret: 'not in the schema',
  }));
  let failure: Error | undefined;
  registerRoute(app, readRoute, async (request) => {
    if (failure !== undefined) throw failure;
    return { eventId: request.params.eventId };
  });
  registerRoute(app, removeRoute, async () => ({}));
  const post = (payload: string | object, headers: Record<string, string> = {}) =>
    app.inject({
      method: 'POST',
      url: '/orders/e1',
      payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
      headers: { 'content-type': 'application/json', ...headers },
    });
  const listen = async () => {
    await app.listen({ port: 0, host: '127.0.0.1' });
    return (app.server.address() as AddressInfo).port;
  };
  return { app, lines, post, listen, fail: (error: Error) => (failure = error) };
}

type Answer = { statusCode: number; json: () => any; headers: Record<string, unknown> };

/** An error answer is exactly {error, message}, as JSON, and is never stored. */
function isError(t: Test, answer: Answer, status: number, code: string) {
  t.equal(answer.statusCode, status);
  const body = answer.json();
  t.same(Object.keys(body).sort(), ['error', 'message']);
  t.equal(body.error, code);
  t.type(body.message, 'string');
  t.match(answer.headers['content-type'], /^application\/json/);
  t.equal(answer.headers['cache-control'], 'no-store');
}

t.test('a well formed request is answered with what the schema names and nothing else', async (t) => {
  const { post, lines } = fixture(t);
  const answer = await post({ name: 'a', unknown: 1 });
  t.equal(answer.statusCode, 200);
  t.same(answer.json(), { name: 'a', copies: 1 });
  t.same(lines, [], 'no line per request');
});

t.test('only JSON bodies are taken', async (t) => {
  const { app, post } = fixture(t);
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'nonsense']) {
    isError(t, await post('{"name":"a"}', { 'content-type': type }), 415, 'unsupported_media_type');
  }
  t.equal((await post({ name: 'a' }, { 'content-type': 'application/json; charset=utf-8' })).statusCode, 200);
  const untyped = await app.inject({
    method: 'POST',
    url: '/orders/e1',
    payload: Buffer.from('{"name":"a"}'),
  });
  isError(t, untyped, 415, 'unsupported_media_type');
});

t.test('bodies that are empty, broken, poisoned or of the wrong type are a 400', async (t) => {
  const { app, post } = fixture(t);
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  const deepObject = `${'{"name":'.repeat(5000)}1${'}'.repeat(5000)}`;
  for (const body of [
    '',
    '{',
    'null',
    '[]',
    '1',
    '"text"',
    '{"name":1}',
    '{"name":null}',
    '{"name":"a","quantity":"2"}',
    '{"name":"a","quantity":1.5}',
    '{"name":"a","__proto__":{"admin":true}}',
    '{"name":"a","constructor":{"prototype":{"admin":true}}}',
    '{"name":"a","\\u005f_proto__":1}',
    `{"name":"${'x'.repeat(21)}"}`,
    deep,
    deepObject,
    '{"name":"a"}{"name":"b"}',
  ]) {
    isError(t, await post(body), 400, 'bad_request');
  }
  isError(t, await app.inject({ method: 'POST', url: '/orders/e1' }), 400, 'bad_request');
  t.notOk('admin' in {}, 'no prototype was touched');
});

t.test('a validation message says which part and which field', async (t) => {
  const { app, post } = fixture(t);
  t.equal((await post({ name: 1 })).json().message, 'body.name must be string');
  const query = await app.inject({
    method: 'POST',
    url: '/orders/e1?copies=many',
    payload: { name: 'a' },
  });
  t.equal(query.json().message, 'querystring.copies must be integer');
});

t.test('query and path are text read as their type; a repeated parameter is refused', async (t) => {
  const { app } = fixture(t);
  const ask = (url: string) => app.inject({ method: 'POST', url, payload: { name: 'a' } });
  t.equal((await ask('/orders/e1?copies=3')).json().copies, 3);
  isError(t, await ask('/orders/e1?copies=3&copies=4'), 400, 'bad_request');
  isError(t, await ask(`/orders/${'x'.repeat(65)}`), 400, 'bad_request');
  isError(t, await ask(`/orders/${'x'.repeat(300)}`), 400, 'bad_request');
  isError(t, await ask('/orders/%zz'), 400, 'bad_request');
});

t.test('a body beyond the limit is a 413, said or found', async (t) => {
  const { app, post, listen } = fixture(t, { bodyLimitBytes: 1000 });
  isError(t, await post({ name: 'x'.repeat(1000) }), 413, 'payload_too_large');
  await listen();
  const port = (app.server.address() as AddressInfo).port;
  const chunked = await openRawConnection(port);
  t.teardown(() => chunked.end());
  chunked.send(
    `POST /orders/e1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n${'x'.repeat(2000)}\r\n`,
  );
  t.match(await chunked.until(/payload_too_large/), /^HTTP\/1\.1 413 /);
});

t.test(
  'an unknown path is a 404, a known path under another method a 405 that lists what it takes',
  async (t) => {
    const { app } = fixture(t);
    isError(t, await app.inject('/nothing'), 404, 'not_found');
    isError(t, await app.inject({ method: 'POST', url: '/orders', payload: {} }), 404, 'not_found');
    isError(t, await app.inject('/orders/a/b'), 404, 'not_found');
    for (const method of ['PUT', 'PATCH', 'OPTIONS', 'TRACE', 'QUERY'] as const) {
      const answer = await app.inject({ method: method as 'PUT', url: '/orders/e1?x=1' });
      isError(t, answer, 405, 'method_not_allowed');
      t.equal(answer.headers['allow'], 'DELETE, GET, HEAD, POST');
    }
  },
);

t.test('HEAD answers as GET would, without a body', async (t) => {
  const { app } = fixture(t);
  const get = await app.inject('/orders/e1');
  const head = await app.inject({ method: 'HEAD', url: '/orders/e1' });
  t.equal(head.statusCode, 200);
  t.equal(head.body, '');
  t.equal(head.headers['content-length'], get.headers['content-length']);
});

t.test('DELETE needs no body, whatever content type a client names', async (t) => {
  const { app } = fixture(t);
  const headers = { 'content-type': 'application/json' };
  t.equal((await app.inject({ method: 'DELETE', url: '/orders/e1' })).statusCode, 200);
  t.equal((await app.inject({ method: 'DELETE', url: '/orders/e1', headers })).statusCode, 200);
  isError(t, await app.inject({ method: 'POST', url: '/orders/e1', headers }), 400, 'bad_request');
});

t.test('what a handler throws becomes the contract’s error, and only our faults are logged', async (t) => {
  const { app, lines, fail } = fixture(t);
  fail(new ApiError('sold_out', 'None left'));
  isError(t, await app.inject('/orders/e1'), 409, 'sold_out');
  t.same(lines, []);

  fail(new ApiError('rebuilding', 'Back soon', { retryAfterSec: 3 }));
  const rebuilding = await app.inject('/orders/e1');
  isError(t, rebuilding, 503, 'rebuilding');
  t.equal(rebuilding.headers['retry-after'], '3');

  fail(Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:5432'), { code: 'ECONNREFUSED' }));
  const unavailable = await app.inject('/orders/e1');
  isError(t, unavailable, 503, 'unavailable');
  t.equal(unavailable.headers['retry-after'], '1');
  t.notMatch(unavailable.body, /10\.0\.0\.1/, 'no address is told');

  fail(Object.assign(new Error('from a library'), { statusCode: 404 }));
  isError(t, await app.inject('/orders/e1'), 500, 'internal_error');
  fail(new TypeError('x is not a function'));
  const bug = await app.inject('/orders/e1?token=abc');
  isError(t, bug, 500, 'internal_error');
  t.notMatch(bug.body, /not a function/);

  t.match(lines, [
    { event: 'request_refused', code: 'rebuilding', route: '/orders/:eventId' },
    { event: 'engine_unavailable', code: 'unavailable' },
    { event: 'request_failed', route: '/orders/:eventId', err: { message: 'from a library' } },
  ]);
  t.equal(lines.length, 3, 'one line a second for a kind of failure');
  t.notMatch(JSON.stringify(lines), /token=abc/);
});

t.test('a handler that answers against its own schema is our fault', async (t) => {
  const { app } = fixture(t);
  const { params: _none, ...schema } = readRoute.schema;
  registerRoute(app, { method: 'GET', url: '/broken', schema }, (async () => ({})) as never);
  isError(t, await app.inject('/broken'), 500, 'internal_error');
});

t.test('bytes that are no HTTP get the error body too', async (t) => {
  const { listen } = fixture(t);
  const port = await listen();
  const garbage = await openRawConnection(port);
  garbage.send('HELLO\r\n\r\n');
  t.match(await garbage.closed(), /^HTTP\/1\.1 400 Bad Request[^]*"error":"bad_request"/);

  const flood = await openRawConnection(port);
  flood.send('GET /orders/e1 HTTP/1.1\r\nHost: x\r\n');
  flood.send(`X-Flood: ${'y'.repeat(20_000)}\r\n\r\n`);
  t.match(await flood.closed(), /^HTTP\/1\.1 431 [^]*"error":"bad_request"/);

  const smuggled = await openRawConnection(port);
  smuggled.send(
    'POST /orders/e1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  );
  t.match(await smuggled.closed(), /^HTTP\/1\.1 400 /, 'two lengths are refused');
});

t.test('a request that dribbles in is cut, in its headers and in its body', async (t) => {
  const { listen } = fixture(t, { requestTimeoutMs: 300 });
  const port = await listen();
  const slowHeaders = await openRawConnection(port);
  slowHeaders.send('GET /orders/e1 HTTP/1.1\r\nHost: x\r\n');
  const slowBody = await openRawConnection(port);
  slowBody.send(
    'POST /orders/e1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{"na',
  );
  t.match(await slowHeaders.closed(), /^HTTP\/1\.1 408 [^]*took too long/);
  t.match(await slowBody.closed(), /^HTTP\/1\.1 408 /);
});

t.test('an idle connection stays open for as long as it should, and no longer', async (t) => {
  t.ok(keepAliveTimeoutMs > 60_000, 'longer than the load balancer keeps one idle');
  const { listen } = fixture(t, { keepAliveTimeoutMs: 2000 });
  const connection = await openRawConnection(await listen());
  t.teardown(() => connection.end());
  const request = 'GET /orders/e1 HTTP/1.1\r\nHost: x\r\n\r\n';
  connection.send(request);
  await connection.until(/e1"}$/);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  connection.send(request);
  await connection.until(/e1"}[^]*e1"}$/);
  t.match(connection.received(), /keep-alive: timeout=2/i);
  // Node adds a second of its own to what it announces, so that a client that goes by it never meets a closing socket.
  await connection.closed();
});

t.test('the address of the buyer is counted from the near end of X-Forwarded-For', async (t) => {
  const { app } = fixture(t, { trustedProxyHops: 2 });
  app.get('/ip', async (request) => ({ ip: request.ip }));
  const answer = await app.inject({
    url: '/ip',
    remoteAddress: '10.0.0.1',
    headers: { 'x-forwarded-for': '6.6.6.6, 203.0.113.7, 130.176.0.1' },
  });
  t.equal(answer.json().ip, '203.0.113.7', 'what the client itself claims is not believed');
});
