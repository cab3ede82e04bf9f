import { createHttpApp } from '@onsale/platform/http/create-http-app';
import { createLogger } from '@onsale/platform/logger';
import t from 'tap';
import { registerHealthRoutes, type HealthRoutesDeps } from './health-routes.ts';

const up = async () => 'PONG';
const down = async () => {
  throw new Error('connection refused');
};

function appWith(deps: HealthRoutesDeps) {
  const app = createHttpApp({ logger: createLogger('test', 'silent') });
  registerHealthRoutes(app, deps);
  return app;
}

t.test('UP while the database and Redis answer', async (t) => {
  const answer = await appWith({ pingDatabase: up, pingRedis: up }).inject('/api/health');
  t.equal(answer.statusCode, 200);
  t.equal(answer.headers['cache-control'], 'no-store');
  const body = answer.json<{ timestamp: string }>();
  t.match(body, { status: 'UP', database: 'connected', redis: 'connected' });
  t.ok(Math.abs(Date.parse(body.timestamp) - Date.now()) < 5000);
});

t.test('DOWN, with 503 and the one that is away named', async (t) => {
  const withoutRedis = await appWith({ pingDatabase: up, pingRedis: down }).inject('/api/health');
  t.equal(withoutRedis.statusCode, 503);
  t.equal(withoutRedis.headers['retry-after'], '1');
  t.match(withoutRedis.json(), { status: 'DOWN', database: 'connected', redis: 'disconnected' });
  const withoutDatabase = await appWith({ pingDatabase: down, pingRedis: up }).inject('/api/health');
  t.match(withoutDatabase.json(), { status: 'DOWN', database: 'disconnected', redis: 'connected' });
});

t.test('an engine that hangs counts as away, and is asked once however many wait', async (t) => {
  let asked = 0;
  const app = appWith({
    pingDatabase: () => {
      asked++;
      return new Promise(() => undefined);
    },
    pingRedis: up,
  });
  const answers = await Promise.all(Array.from({ length: 20 }, () => app.inject('/api/health')));
  t.ok(answers.every((answer) => answer.statusCode === 503));
  t.equal(asked, 1);
});
