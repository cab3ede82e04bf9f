import { pino } from 'pino';
import { Registry } from 'prom-client';
import t, { type Test } from 'tap';
import { createInternalServer } from './internal-server.ts';

function fixture(t: Test, adminToken?: string) {
  const metrics = new Registry();
  const internal = createInternalServer({ logger: pino({ level: 'silent' }), metrics, adminToken });
  t.teardown(() => internal.app.close());
  return { internal, metrics, ready: () => internal.app.inject('/readyz') };
}

t.test('ready means serving with every check passing; the answer tells each', async (t) => {
  const { internal, ready, metrics } = fixture(t);
  let redis: () => unknown = () => 'PONG';
  internal.addChecks({ redis: () => redis(), clock: () => undefined });
  t.match((await ready()).json(), { ready: false, state: 'starting' });

  internal.setState('serving');
  const good = await ready();
  t.equal(good.statusCode, 200);
  t.match(good.json(), {
    ready: true,
    checks: { redis: { ok: true, elapsedMs: Number }, clock: { ok: true } },
  });

  redis = () => Promise.reject(new Error('Connection is closed.'));
  const bad = await ready();
  t.equal(bad.statusCode, 503);
  t.equal(bad.headers['cache-control'], 'no-store');
  t.match(bad.json(), {
    ready: false,
    checks: { redis: { ok: false, problem: 'Connection is closed.' }, clock: { ok: true } },
  });
  t.match(await metrics.metrics(), /onsale_readiness_check_passing\{check="redis"\} 0/);
  t.equal(
    (await internal.app.inject('/healthz')).statusCode,
    200,
    'a store that is away is no reason to be restarted',
  );

  redis = () => {
    throw new Error('thrown, not rejected');
  };
  t.equal((await ready()).statusCode, 503);

  redis = () => 'PONG';
  internal.setState('draining');
  t.match(await ready(), { statusCode: 503 });
});

t.test('a check that hangs fails at its deadline, the others still tell', async (t) => {
  const { internal, ready } = fixture(t);
  internal.addChecks({ postgres: () => new Promise(() => undefined), redis: () => 'PONG' });
  internal.setState('serving');
  const answer = await ready();
  t.equal(answer.statusCode, 503);
  t.match(answer.json(), {
    checks: { postgres: { ok: false, problem: 'no answer within 1000 ms' }, redis: { ok: true } },
  });
});

t.test('metrics are Prometheus text', async (t) => {
  const { internal } = fixture(t);
  const answer = await internal.app.inject('/metrics');
  t.match(answer.headers['content-type'], /^text\/plain/);
});

t.test('admin routes are for who has the token, however the address is written', async (t) => {
  const token = 'an-admin-token-of-mine';
  const { internal } = fixture(t, token);
  internal.app.get('/admin/secrets', async () => ({ told: true }));
  const ask = (url: string, authorization?: string) =>
    internal.app.inject({ url, headers: authorization === undefined ? {} : { authorization } });
  for (const authorization of [undefined, '', token, `Bearer ${token}x`, 'Bearer ', 'Bearer undefined']) {
    for (const url of ['/admin/secrets', '/%61dmin/secrets', '/admin/%73ecrets']) {
      const answer = await ask(url, authorization);
      t.equal(answer.statusCode, 401, url);
      t.same(Object.keys(answer.json()), ['error', 'message']);
    }
  }
  t.same((await ask('/admin/secrets', `Bearer ${token}`)).json(), { told: true });
});

t.test('without a token nobody is an administrator', async (t) => {
  const { internal } = fixture(t);
  internal.app.get('/admin/secrets', async () => ({ told: true }));
  for (const authorization of ['Bearer undefined', 'Bearer ', '']) {
    t.equal(
      (await internal.app.inject({ url: '/admin/secrets', headers: { authorization } })).statusCode,
      401,
    );
  }
});
