import { defineRoute, errorResponses } from '@onsale/contracts/http/route-contract';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import t from 'tap';
import { Type } from 'typebox';
import { createHttpApp } from './create-http-app.ts';
import { registerHttpMetrics } from './http-metrics.ts';
import { withRawBody } from './raw-body.ts';
import { registerRoute } from './register-route.ts';

const callbackRoute = defineRoute({
  method: 'POST',
  url: '/callback',
  schema: {
    operationId: 'callback',
    summary: 'Callback',
    tags: ['test'],
    body: Type.Object({ amount: Type.Integer() }),
    response: { 200: Type.Object({ raw: Type.String(), amount: Type.Integer() }), ...errorResponses(400) },
  },
});

t.test(
  'the handler sees the bytes as they were signed, and everything else is as on other routes',
  async (t) => {
    const app = createHttpApp({ logger: pino({ level: 'silent' }) });
    t.teardown(() => app.close());
    const registry = new Registry();
    registerHttpMetrics(app, registry);
    withRawBody(app, (scope) => {
      registerRoute(scope, callbackRoute, async (request) => ({
        raw: request.rawBody!.toString('utf8'),
        amount: request.body.amount,
      }));
    });
    app.post('/other', async (request) => ({ hasRawBody: 'rawBody' in request }));
    const post = (payload: string, url = '/callback') =>
      app.inject({ method: 'POST', url, payload, headers: { 'content-type': 'application/json' } });

    const signed = '{ "amount" : 5,\n "name":"é" }';
    t.same((await post(signed)).json(), { raw: signed, amount: 5 });
    for (const body of ['', '{', '{"amount":"5"}', '{"amount":5,"__proto__":{}}']) {
      const answer = await post(body);
      t.equal(answer.statusCode, 400, body);
      t.equal(answer.json().error, 'bad_request');
    }
    t.equal((await post('{"amount":5}', '/other')).json().hasRawBody, false);
    t.match(await registry.metrics(), /route="\/callback",method="POST",status="200"/);
    const wrongMethod = await app.inject('/callback');
    t.equal(wrongMethod.statusCode, 405);
  },
);
