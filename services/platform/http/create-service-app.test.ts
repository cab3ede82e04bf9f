import { PublicApiEnv } from '@onsale/contracts/env/public-api';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import t, { type Test } from 'tap';
import { loadConfig } from '../config.ts';
import { createServiceApp } from './create-service-app.ts';

function fixture(t: Test, env: Record<string, string> = {}) {
  const config = loadConfig(PublicApiEnv, {
    POSTGRES_URL: 'postgres://x',
    ROOM_TOKEN_KEYS: 'k'.repeat(32),
    IDENTITY: 'open',

    ...env,
  });
  const lines: any[] = [];
  const metrics = new Registry();
  const { app, limitBuyersOf } = createServiceApp(config, {
    logger: pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) }),
    metrics,
    docs: { '/public/docs': 'public', '/api/docs': 'api' },
  });
  t.teardown(() => app.close());
  app.get('/public/room-status', async () => ({}));
  return { app, lines, metrics, limitBuyersOf };
}

t.test('the documentation is a page, its document the slice of the path', async (t) => {
  const { app } = fixture(t);
  const page = await app.inject('/public/docs');
  const redirected = page.statusCode === 302 ? await app.inject(String(page.headers['location'])) : page;
  t.equal(redirected.statusCode, 200);
  t.match(redirected.headers['content-type'], /text\/html/);
  const json = (await app.inject('/public/docs/json')).json();
  t.ok(Object.keys(json.paths).includes('/public/hold'));
  t.ok(Object.keys(json.paths).every((path) => path.startsWith('/public/')));
  t.ok(Object.keys((await app.inject('/api/docs/json')).json().paths).includes('/api/events'));
  const script = /src="([^"]*swagger-ui-bundle[^"]*)"/.exec(redirected.body)?.[1] ?? '';
  t.equal((await app.inject(new URL(script, 'http://x/public/docs/').pathname)).statusCode, 200);
  t.same((await app.inject('/public/docs/nothing')).json().error, 'not_found');
});

t.test('documentation can be left out', async (t) => {
  const { app } = fixture(t, { DOCS: 'false' });
  t.equal((await app.inject('/public/docs')).statusCode, 404);
});

t.test('an access log has one line per request, without addresses', async (t) => {
  const { app, lines } = fixture(t, { ACCESS_LOG: 'true' });
  await app.inject('/public/room-status?token=secret');
  t.match(lines, [{ event: 'request', method: 'GET', route: '/public/room-status', status: 200 }]);
  t.notMatch(JSON.stringify(lines), /secret/);
});

t.test('limits and metrics follow the settings', async (t) => {
  const { app, limitBuyersOf, metrics } = fixture(t, { BUYER_LIMIT: '1' });
  const limit = limitBuyersOf('enter');
  await app.ready();
  limit('alice');
  t.throws(() => limit('alice'), { code: 'throttled' });
  await app.inject('/public/room-status');
  t.match(
    await metrics.metrics(),
    /onsale_http_request_duration_seconds_count\{route="\/public\/room-status"/,
  );
});
