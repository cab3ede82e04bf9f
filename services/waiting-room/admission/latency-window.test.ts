import { Histogram, Registry } from 'prom-client';
import t from 'tap';
import { createLatencyWindow } from './latency-window.ts';

t.test('the p95 of what buyers wait for, since the last reading', async (t) => {
  const registry = new Registry();
  const read = createLatencyWindow(registry);
  t.equal(await read(), undefined, 'nothing is measured yet');
  const histogram = new Histogram({
    name: 'onsale_http_request_duration_seconds',
    help: 'requests',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.1, 0.5, 1],
    registers: [registry],
  });
  const observe = (times: number, seconds: number, method = 'POST', route = '/hold') => {
    for (let time = 0; time < times; time++) histogram.observe({ route, method, status: '200' }, seconds);
  };
  observe(10, 0.05);
  t.equal(await read(), undefined, 'ten requests say nothing');
  observe(90, 0.05, 'POST', '/commit');
  observe(5000, 0.9, 'GET');
  observe(5000, 0.9, 'POST', '/public/enter');
  t.equal(await read(), 95, 'polls and newcomers do not count');
  observe(93, 0.05);
  observe(7, 0.7);
  t.equal(Math.round((await read())!), 643, 'only what came since, two sevenths into its bucket');
  observe(50, 20);
  t.equal(await read(), 2000, 'beyond the last boundary');
});
