import { pino } from 'pino';
import { Registry } from 'prom-client';
import t from 'tap';
import { createHttpApp } from './create-http-app.ts';
import { registerHttpMetrics } from './http-metrics.ts';

t.test('requests are measured under their route’s pattern, method and status', async (t) => {
  const app = createHttpApp({ logger: pino({ level: 'silent' }) });
  t.teardown(() => app.close());
  const registry = new Registry();
  registerHttpMetrics(app, registry);
  app.get('/orders/:id', async (request) => {
    if ((request.params as { id: string }).id === 'broken') throw new Error('broken');
    return {};
  });
  for (const id of ['a', 'b', 'broken']) await app.inject(`/orders/${id}`);
  await app.inject({ method: 'HEAD', url: '/orders/a' });
  for (const url of ['/x', '/y?z', '/orders/a/b']) await app.inject(url);
  await app.inject({ method: 'PUT', url: '/orders/a' });

  const { values } = await registry.getSingleMetric('onsale_http_request_duration_seconds')!.get();
  const counts = values
    .filter((value) => (value as { metricName?: string }).metricName?.endsWith('_count'))
    .map(({ labels, value }) => `${labels['method']} ${labels['route']} ${labels['status']}: ${value}`);
  t.same(counts.sort(), [
    'GET /orders/:id 200: 2',
    'GET /orders/:id 500: 1',
    'HEAD /orders/:id 200: 1',
    'any unknown 404: 3',
    'any unknown 405: 1',
  ]);
  t.match(
    await registry.metrics(),
    /_bucket\{le="0.2",route="\/orders\/:id"/,
    'the p95 target is a boundary',
  );
});
