import { pino } from 'pino';
import t, { type Test } from 'tap';
import { registerCors } from './cors.ts';
import { createHttpApp } from './create-http-app.ts';

const page = 'https://tickets.example';

function fixture(t: Test, origins: readonly string[]) {
  const app = createHttpApp({ logger: pino({ level: 'silent' }) });
  t.teardown(() => app.close());
  registerCors(app, origins);
  app.post('/public/hold', async () => ({}));
  const ask = (method: 'POST' | 'OPTIONS', origin: string | undefined, url = '/public/hold') =>
    app.inject({
      method,
      url,
      headers: {
        ...(origin === undefined ? {} : { origin }),
        ...(method === 'OPTIONS' ? { 'access-control-request-method': 'POST' } : {}),
      },
      ...(method === 'POST' ? { payload: {} } : {}),
    });
  return { ask };
}

t.test('a page of a known origin may ask first, call, and read what it needs', async (t) => {
  const { ask } = fixture(t, [page]);
  const preflight = await ask('OPTIONS', page);
  t.equal(preflight.statusCode, 204);
  t.match(preflight.headers, {
    'access-control-allow-origin': page,
    'access-control-allow-headers': /x-room-token/,
    'access-control-allow-methods': /POST/,
    vary: 'Origin',
  });
  const call = await ask('POST', page);
  t.equal(call.statusCode, 200);
  t.equal(call.headers['access-control-allow-origin'], page);
  t.match(call.headers['access-control-expose-headers'], /retry-after/);
  const missing = await ask('POST', page, '/nothing');
  t.equal(missing.statusCode, 404);
  t.equal(missing.headers['access-control-allow-origin'], page, 'errors can be read too');
});

t.test('other origins are told nothing, and a cache keeps their answers apart', async (t) => {
  const { ask } = fixture(t, [page]);
  for (const origin of ['https://evil.example', 'https://tickets.example.evil.example', 'null', undefined]) {
    const call = await ask('POST', origin);
    t.notOk('access-control-allow-origin' in call.headers);
    t.equal(call.headers['vary'], 'Origin');
    t.notOk('access-control-allow-origin' in (await ask('OPTIONS', origin)).headers);
  }
});

t.test('without configured origins there is no trace of it', async (t) => {
  const { ask } = fixture(t, []);
  t.notOk('vary' in (await ask('POST', page)).headers);
  t.equal((await ask('OPTIONS', page)).statusCode, 405);
});
