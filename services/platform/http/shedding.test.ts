import { pino } from 'pino';
import { Registry } from 'prom-client';
import t from 'tap';
import { createHttpApp } from './create-http-app.ts';
import { registerShedding } from './shedding.ts';

t.test(
  'while the event loop cannot keep up requests are refused at once, health answers are not',
  async (t) => {
    const lines: string[] = [];
    const app = createHttpApp({
      logger: pino({ level: 'info' }, { write: (line: string) => lines.push(line) }),
    });
    t.teardown(() => app.close());
    const registry = new Registry();
    registerShedding(app, {
      maxEventLoopDelayMs: 40,
      maxEventLoopUtilisation: 0,
      sampleIntervalMs: 20,
      registry,
    });
    app.get('/public/seats', async () => ({}));
    app.get('/public/health', async () => ({ ok: true }));
    await app.ready();
    t.equal((await app.inject('/public/seats')).statusCode, 200);

    let refused = await app.inject('/public/seats');
    for (const until = Date.now() + 60_000; refused.statusCode === 200 && Date.now() < until; ) {
      const busyUntil = performance.now() + 150;
      while (performance.now() < busyUntil);
      await new Promise((resolve) => setTimeout(resolve, 25));
      refused = await app.inject('/public/seats');
    }
    t.equal(refused.statusCode, 503);
    t.equal(refused.json().error, 'overloaded');
    t.equal(refused.headers['retry-after'], '1');
    t.equal((await app.inject('/public/health')).statusCode, 200);
    t.ok((await registry.getSingleMetric('onsale_http_requests_shed_total')!.get()).values[0]!.value >= 1);
    t.same(lines, [], 'refusing costs no line');

    let answer = refused;
    for (const until = Date.now() + 60_000; answer.statusCode !== 200 && Date.now() < until; ) {
      await new Promise((resolve) => setTimeout(resolve, 25));
      answer = await app.inject('/public/seats');
    }
    t.equal(answer.statusCode, 200, 'and they are taken again when it can');
  },
);

t.test('without limits nothing is added to the app', async (t) => {
  const app = createHttpApp({ logger: pino({ level: 'silent' }) });
  t.teardown(() => app.close());
  registerShedding(app, { maxEventLoopDelayMs: 0, maxEventLoopUtilisation: 0 });
  await app.ready();
  t.notOk(app.hasPlugin('@fastify/under-pressure'));
});
