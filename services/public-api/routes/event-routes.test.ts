import type { EventListing, EventView, NewEvent } from '@onsale/orders/catalogue/event-listing';
import { createHttpApp } from '@onsale/platform/http/create-http-app';
import { createIdentity } from '@onsale/platform/identity/create-identity';
import { issueLocalToken } from '@onsale/platform/identity/issue-local-token';
import { createLogger } from '@onsale/platform/logger';
import t from 'tap';
import { registerEventRoutes } from './event-routes.ts';

const key = 'a-secret-of-thirty-two-bytes-or-more';
const view: EventView = {
  id: 1,
  eventId: 'api-1',
  eventName: 'Fair',
  totalSeats: 100,
  availableSeats: 40,
  eventDate: '2027-12-31T19:00:00',
  timeZone: 'Asia/Seoul',
  price: 0,
  currency: 'KRW',
  perBuyer: null,
  seated: false,
  sale: null,
  cancelledAt: null,
  apiBase: 'http://127.0.0.1:8080',
};

function appWith(events: Partial<EventListing>) {
  const app = createHttpApp({ logger: createLogger('test', 'silent') });
  const none = async () => {
    throw new Error('not expected');
  };
  registerEventRoutes(app, {
    identity: createIdentity({ mode: 'open', localKey: key }),
    events: { list: none, get: none, create: none, ...events },
  });
  return app;
}

const bearer = async (...roles: string[]) => ({
  authorization: `Bearer ${await issueLocalToken({ userId: 'alice', roles, key, ttlSeconds: 60 })}`,
});

t.test('everybody reads events, by number or name', async (t) => {
  const asked: string[] = [];
  const app = appWith({
    list: async () => [view],
    get: async (name) => {
      asked.push(name);
      return name === '9' ? undefined : view;
    },
  });
  t.same((await app.inject('/api/events')).json(), [view]);
  t.same((await app.inject('/api/events/1')).json(), view);
  t.same((await app.inject('/api/events/event-0001')).json(), view);
  t.same(asked, ['1', 'event-0001']);
  const unknown = await app.inject('/api/events/9');
  t.equal(unknown.statusCode, 404);
  t.match(unknown.json(), { error: 'not_found' });
  t.equal((await app.inject('/api/events/Not%20An%20Id')).statusCode, 400);
});

t.test('operators create them, as existing clients do', async (t) => {
  const created: NewEvent[] = [];
  const app = appWith({
    create: async (event) => {
      created.push(event);
      return { outcome: 'created', event: view };
    },
  });
  const answer = await app.inject({
    method: 'POST',
    url: '/api/events',
    headers: await bearer('operator'),
    payload: { eventName: 'Fair', totalSeats: 100, eventDate: '2024-12-31T19:00:00' },
  });
  t.equal(answer.statusCode, 201);
  t.equal(answer.headers.location, '/api/events/1');
  t.same(answer.json(), view);
  t.same(created, [
    {
      eventName: 'Fair',
      totalSeats: 100,
      eventDate: '2024-12-31T19:00:00',
      timeZone: 'Asia/Seoul',
      priceMinor: 0,
    },
  ]);
});

t.test('who may not, and what is not valid, is told so', async (t) => {
  const app = appWith({
    create: async () => ({ outcome: 'invalid', problem: 'eventDate: soon is no date and time' }),
  });
  const post = (headers: Record<string, string>, payload: object) =>
    app.inject({ method: 'POST', url: '/api/events', headers, payload });
  const event = { eventName: 'Fair', totalSeats: 100, eventDate: 'soon' };
  const withoutToken = await post({}, event);
  t.equal(withoutToken.statusCode, 401);
  t.match(withoutToken.json(), { error: 'unauthorized' });
  const asBuyer = await post(await bearer(), event);
  t.equal(asBuyer.statusCode, 403);
  t.match(asBuyer.json(), { error: 'forbidden' });
  const noDate = await post(await bearer('operator'), event);
  t.equal(noDate.statusCode, 400);
  t.same(noDate.json(), { error: 'bad_request', message: 'eventDate: soon is no date and time' });
  for (const wrong of [
    { totalSeats: 0 },
    { totalSeats: '100' },
    { eventName: '' },
    { eventDate: 20_271_231 },
    { eventName: undefined },
  ]) {
    const answer = await post(await bearer('operator'), { ...event, ...wrong });
    t.equal(answer.statusCode, 400, JSON.stringify(wrong));
    t.match(answer.json(), { error: 'bad_request' });
  }
});
