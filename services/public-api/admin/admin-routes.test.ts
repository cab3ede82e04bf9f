import { defineEvent } from '@onsale/contracts/ticket-event/define-event';
import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import { SeatMap } from '@onsale/contracts/sale/seat-map';
import type { TicketEvent } from '@onsale/contracts/ticket-event/ticket-event';
import type { PublishOutcome } from '@onsale/orders/catalogue/create-catalogue';
import { ApiError } from '@onsale/platform/http/api-error';
import { createHttpApp } from '@onsale/platform/http/create-http-app';
import { createLogger } from '@onsale/platform/logger';
import t from 'tap';
import { registerAdminRoutes, type AdminRoutesDeps } from './admin-routes.ts';

const adminToken = 'an-admin-token-of-some-length';
const nowMs = Date.parse('2027-01-01T10:00:30Z');

const document: TicketEvent = {
  apiVersion: 'onsale.dev/v1alpha1',
  kind: 'TicketEvent',
  metadata: { name: 'event-0001' },
  spec: {
    eventId: 'event-0001',
    title: 'Harbour Lights',
    homeRegion: 'local',
    sale: { opensAt: '2027-01-01T10:00:00Z', closesAt: '2027-01-02T10:00:00Z' },
    venue: { currency: 'KRW', sections: [{ id: 'A', rows: 1, seatsPerRow: 2, price: 1 }] },
  },
};

function publish(ticketEvent: TicketEvent): PublishedEvent {
  const defined = defineEvent(ticketEvent);
  if (defined.outcome === 'invalid') throw new Error(defined.problems.join());
  return { event: defined.event, seatMap: new SeatMap(defined.event.sections), number: 1 };
}

const published = publish(document);

const funnel = { entered: 12, admitted: 8, free: 95, held: 3, sold: 2, queue: 0, confirmed: 1, rejected: 0 };

function appWith(deps: Partial<AdminRoutesDeps> & { outcome?: PublishOutcome } = {}) {
  const app = createHttpApp({ logger: createLogger('test', 'silent') });
  const prepared: string[] = [];
  const changes: unknown[] = [];
  registerAdminRoutes(app, {
    adminToken,
    catalogue: {
      publishEvent: async () => deps.outcome ?? { outcome: 'created', published },
      ticketEvents: async () => [document],
      find: async (eventId) => (eventId === 'event-0001' ? published : undefined),
    },
    clock: { nowMs: () => nowMs },
    prepareSale: async ({ event }) => {
      prepared.push(event.eventId);
    },
    changeRate: async (_event, sale, change) => {
      changes.push([sale.saleId, change]);
      return { ratePerSecond: change.action === 'rate' ? change.ratePerSecond : 0 };
    },
    readFunnel: async () => funnel,
    ...deps,
  });
  app.get('/healthz', async () => 'ok');
  const call = (
    method: 'GET' | 'PUT' | 'POST',
    url: string,
    payload?: object,
    token: string | null = adminToken,
  ) =>
    app.inject({
      method,
      url,
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
      ...(payload ? { payload } : {}),
    });
  return { app, call, prepared, changes };
}

t.test('without the admin token nothing is told and nothing done', async (t) => {
  const { app, call, prepared, changes } = appWith();
  for (const token of [null, 'x', `${adminToken}x`, adminToken.slice(1), 'a'.repeat(adminToken.length)]) {
    for (const [method, url] of [
      ['PUT', '/admin/ticket-events'],
      ['GET', '/admin/ticket-events'],
      ['POST', '/admin/sales/event-0001/pause'],
      ['POST', '/admin/sales/event-0001/resume'],
      ['POST', '/admin/sales/event-0001/rate'],
      ['GET', '/admin/sales/event-0001/status'],
    ] as const) {
      const answer = await call(method, url, method === 'GET' ? undefined : {}, token);
      t.equal(answer.statusCode, 401, `${method} ${url} ${token}`);
      t.match(answer.json(), { error: 'unauthorized' });
    }
  }
  t.same(prepared, []);
  t.same(changes, []);
  t.equal((await app.inject('/healthz')).statusCode, 200, 'the rest of the internal port stays open');
});

t.test('with no admin token configured everybody is refused', async (t) => {
  const { call } = appWith({ adminToken: undefined });
  for (const token of ['', 'undefined', adminToken]) {
    t.equal((await call('GET', '/admin/ticket-events', undefined, token)).statusCode, 401, token);
  }
});

t.test('publishing makes the sale ready, also when the event was published before', async (t) => {
  const first = appWith();
  const created = await first.call('PUT', '/admin/ticket-events', document);
  t.equal(created.statusCode, 201);
  t.same(created.json(), { eventId: 'event-0001', number: 1, outcome: 'created', saleIds: ['event-0001.0'] });
  t.same(first.prepared, ['event-0001']);

  const again = appWith({ outcome: { outcome: 'unchanged', published } });
  t.equal((await again.call('PUT', '/admin/ticket-events', document)).statusCode, 200);
  t.same(again.prepared, ['event-0001']);
});

t.test('of a practice event the running round and the next are named', async (t) => {
  const practice = publish({
    ...document,
    spec: { ...document.spec, sale: { windows: { every: '1m', openFor: '45s' } } },
  });
  const { call } = appWith({ outcome: { outcome: 'updated', published: practice } });
  const round = Math.floor(nowMs / 60_000);
  t.same((await call('PUT', '/admin/ticket-events', document)).json<{ saleIds: string[] }>().saleIds, [
    `event-0001.${round}`,
    `event-0001.${round + 1}`,
  ]);
});

t.test('what cannot be published is refused with its reasons', async (t) => {
  const invalid = appWith({
    outcome: { outcome: 'invalid', problems: ['spec.a: is missing', 'spec.b: is odd'] },
  });
  const bad = await invalid.call('PUT', '/admin/ticket-events', { kind: 'Pod' });
  t.equal(bad.statusCode, 400);
  t.same(bad.json(), { error: 'bad_request', message: 'spec.a: is missing; spec.b: is odd' });
  const immutable = appWith({ outcome: { outcome: 'immutable', field: 'spec.venue.sections.0.price' } });
  const changed = await immutable.call('PUT', '/admin/ticket-events', document);
  t.equal(changed.statusCode, 409);
  t.match(changed.json(), { error: 'conflict', message: /spec\.venue\.sections\.0\.price/ });
  const elsewhere = appWith({ outcome: { outcome: 'not-home', homeRegion: 'ap-northeast-2' } });
  const foreign = await elsewhere.call('PUT', '/admin/ticket-events', document);
  t.equal(foreign.statusCode, 409);
  t.match(foreign.json(), { error: 'conflict', message: /ap-northeast-2/ });
  for (const { prepared } of [invalid, immutable, elsewhere]) t.same(prepared, []);
  t.equal((await appWith().call('PUT', '/admin/ticket-events', ['no document'])).statusCode, 400);
});

t.test('a sale that could not be made ready is an error the publisher repeats', async (t) => {
  const { call } = appWith({
    prepareSale: async () => {
      throw new ApiError('cache_unavailable', 'Redis does not answer');
    },
  });
  const answer = await call('PUT', '/admin/ticket-events', document);
  t.equal(answer.statusCode, 503);
  t.match(answer.json(), { error: 'cache_unavailable' });
});

t.test('published documents are listed whole', async (t) => {
  t.same((await appWith().call('GET', '/admin/ticket-events')).json(), { items: [document] });
});

t.test('admission is paused, resumed and changed', async (t) => {
  const { call, changes } = appWith();
  t.same((await call('POST', '/admin/sales/event-0001/pause')).json(), {
    eventId: 'event-0001',
    saleId: 'event-0001.0',
    ratePerSecond: 0,
  });
  await call('POST', '/admin/sales/event-0001/resume');
  const rate = await call('POST', '/admin/sales/event-0001/rate', { ratePerSecond: 250 });
  t.match(rate.json(), { ratePerSecond: 250 });
  t.same(changes, [
    ['event-0001.0', { action: 'pause' }],
    ['event-0001.0', { action: 'resume' }],
    ['event-0001.0', { action: 'rate', ratePerSecond: 250 }],
  ]);
  for (const ratePerSecond of [-1, 'many', 1e9, undefined]) {
    t.equal((await call('POST', '/admin/sales/event-0001/rate', { ratePerSecond })).statusCode, 400);
  }
  t.equal((await call('POST', '/admin/sales/event-0002/pause')).statusCode, 404);
});

t.test("a sale's status has its counts beside its times", async (t) => {
  t.same((await appWith().call('GET', '/admin/sales/event-0001/status')).json(), {
    eventId: 'event-0001',
    saleId: 'event-0001.0',
    state: 'on-sale',
    opensAt: '2027-01-01T10:00:00.000Z',
    closesAt: '2027-01-02T10:00:00.000Z',
    ...funnel,
  });
  t.equal((await appWith().call('GET', '/admin/sales/event-0002/status')).statusCode, 404);
});
