import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import t, { type Test } from 'tap';
import { createHttpApp } from './create-http-app.ts';
import { originHeadersOf, registerCors } from './cors.ts';
import { registerHttpMetrics } from './http-metrics.ts';
import { registerShedding } from './shedding.ts';

const page = 'https://sale.example';

/** A served app whose seats are answered when the test says so. */
async function fixture(t: Test, maxInFlight: number) {
  const lines: string[] = [];
  const app = createHttpApp({
    logger: pino({ level: 'warn' }, { write: (line: string) => lines.push(line) }),
  });
  const registry = new Registry();
  registerCors(app, [page]);
  registerShedding(app, {
    maxInFlight,
    isNewcomer: (url) => url.startsWith('/public/enter'),
    registry,
    observerOf: registerHttpMetrics(app, registry),
    originHeaders: originHeadersOf([page]),
  });
  const waiting: ((answer: object) => void)[] = [];
  app.get('/public/seats', () => new Promise((resolve) => waiting.push(resolve)));
  app.post('/public/enter', async () => ({}));
  app.get('/public/health', async () => ({ ok: true }));
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const answerAll = () => {
    for (const answer of waiting.splice(0)) answer({});
  };
  t.teardown(async () => {
    answerAll();
    await app.close();
  });
  const ask = (path: string, init?: RequestInit) =>
    fetch(`http://127.0.0.1:${port}${path}`, init).then(async (answer) => ({
      status: answer.status,
      headers: answer.headers,
      text: await answer.text(),
    }));
  /** Asks for seats and resolves when the handler has the request. */
  const askAndWait = async (init?: RequestInit) => {
    const before = waiting.length;
    const arrived = once(app.server, 'request');
    const answer = ask('/public/seats', init);
    answer.catch(() => undefined);
    await arrived;
    while (waiting.length === before) await new Promise(setImmediate);
    return { answer };
  };
  return { registry, lines, ask, askAndWait, answerAll };
}

const valueOf = async (registry: Registry, name: string) =>
  (await registry.getSingleMetric(name)!.get()).values[0]!.value;

t.test('with too many in flight a request is refused at once, and health is not', async (t) => {
  const { registry, lines, ask, askAndWait, answerAll } = await fixture(t, 2);
  const first = await askAndWait();
  const second = await askAndWait();
  const refused = await ask('/public/seats', { headers: { origin: page } });
  t.equal(refused.status, 503);
  t.same(JSON.parse(refused.text), {
    error: 'overloaded',
    message: 'Too many requests just now; try again',
  });
  t.equal(refused.headers.get('retry-after'), '1');
  t.equal(refused.headers.get('cache-control'), 'no-store');
  t.equal(refused.headers.get('access-control-allow-origin'), page, 'a page of another origin may read it');
  t.equal((await ask('/public/health')).status, 200);
  t.equal(await valueOf(registry, 'onsale_http_requests_shed_total'), 1);
  t.match(await registry.metrics(), /duration_seconds_count\{route="shed",method="any",status="503"\} 1/);
  t.equal(await valueOf(registry, 'onsale_http_requests_in_flight'), 2);
  t.same(lines, [], 'refusing costs no line');

  answerAll();
  t.equal((await first.answer).status, 200);
  t.equal((await second.answer).status, 200);
  const again = await askAndWait();
  answerAll();
  t.equal((await again.answer).status, 200, 'and they are taken again');
});

t.test('newcomers are refused first', async (t) => {
  const { ask, askAndWait, answerAll } = await fixture(t, 2);
  const enter = () => ask('/public/enter', { method: 'POST' }).then(({ status }) => status);
  t.equal(await enter(), 200);
  const first = await askAndWait();
  t.equal(await enter(), 503, 'half of the places are taken');
  const second = await askAndWait();
  answerAll();
  t.equal((await first.answer).status, 200);
  t.equal((await second.answer).status, 200);
  t.equal(await enter(), 200);
});

t.test('whoever goes away without an answer leaves room for the next', async (t) => {
  const { registry, ask, askAndWait, answerAll } = await fixture(t, 1);
  const leaving = new AbortController();
  const { answer } = await askAndWait({ signal: leaving.signal });
  t.equal((await ask('/public/seats')).status, 503);
  leaving.abort();
  await t.rejects(answer);
  while ((await valueOf(registry, 'onsale_http_requests_in_flight')) > 0) await new Promise(setImmediate);
  const next = await askAndWait();
  answerAll();
  t.equal((await next.answer).status, 200);
});

t.test('a limit of 0 refuses nobody', async (t) => {
  const { askAndWait, answerAll } = await fixture(t, 0);
  const asked = [await askAndWait(), await askAndWait(), await askAndWait()];
  answerAll();
  for (const { answer } of asked) t.equal((await answer).status, 200);
});
