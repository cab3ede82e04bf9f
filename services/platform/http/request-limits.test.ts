import { pino } from 'pino';
import { Registry } from 'prom-client';
import t, { type Test } from 'tap';
import { createHttpApp } from './create-http-app.ts';
import { registerRequestLimits } from './request-limits.ts';

function fixture(t: Test, limits: { perBuyer: number; perAddress: number }) {
  const app = createHttpApp({ logger: pino({ level: 'silent' }) });
  t.teardown(() => app.close());
  const registry = new Registry();
  const limitBuyersOf = registerRequestLimits(app, { ...limits, windowSeconds: 10, registry });
  const limitHolds = limitBuyersOf('hold');
  const limitCommits = limitBuyersOf('commit');
  app.get('/hold/:buyer', async (request) => {
    limitHolds((request.params as { buyer: string }).buyer);
    return {};
  });
  app.get('/commit/:buyer', async (request) => {
    limitCommits((request.params as { buyer: string }).buyer);
    return {};
  });
  app.get('/public/health', async () => ({ ok: true }));
  const ask = (url: string, remoteAddress = '10.0.0.1') => app.inject({ url, remoteAddress });
  return { ask, registry };
}

t.test('a buyer is slowed down alone, per kind of call, and told for how long', async (t) => {
  const { ask, registry } = fixture(t, { perBuyer: 3, perAddress: 0 });
  const answers = [];
  for (let call = 0; call < 5; call++) answers.push(await ask('/hold/alice'));
  t.same(
    answers.map((answer) => answer.statusCode),
    [200, 200, 200, 429, 429],
  );
  const refused = answers.find((answer) => answer.statusCode === 429)!;
  t.same(Object.keys(refused.json()), ['error', 'message']);
  t.equal(refused.json().error, 'throttled');
  const seconds = Number(refused.headers['retry-after']);
  t.ok(seconds >= 1 && seconds <= 10, `${seconds} s`);
  t.equal((await ask('/hold/bob')).statusCode, 200);
  t.equal((await ask('/commit/alice')).statusCode, 200);
  t.same((await registry.getSingleMetric('onsale_http_requests_throttled_total')!.get()).values, [
    { labels: { kind: 'hold' }, value: 2 },
  ]);
});

t.test('an address is slowed down over all calls but health, an IPv6 network as one', async (t) => {
  const { ask } = fixture(t, { perBuyer: 0, perAddress: 2 });
  for (const url of ['/hold/a', '/commit/b']) t.equal((await ask(url)).statusCode, 200);
  t.equal((await ask('/hold/c')).statusCode, 429);
  t.equal((await ask('/nothing')).statusCode, 429);
  t.equal((await ask('/public/health')).statusCode, 200);
  t.equal((await ask('/hold/a', '10.0.0.2')).statusCode, 200);
  t.equal((await ask('/hold/a', '2001:db8::1')).statusCode, 200);
  t.equal((await ask('/hold/a', '2001:db8::2')).statusCode, 200);
  t.equal((await ask('/hold/a', '2001:db8::3')).statusCode, 429);
});

t.test('a limit of zero is no limit', async (t) => {
  const { ask } = fixture(t, { perBuyer: 0, perAddress: 0 });
  for (let call = 0; call < 20; call++) t.equal((await ask('/hold/alice')).statusCode, 200);
});
