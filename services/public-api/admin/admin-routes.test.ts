import { defineEvent } from '@onsale/contracts/ticket-event/define-event';
import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import { SeatMap } from '@onsale/contracts/sale/seat-map';
import type { TicketEvent } from '@onsale/contracts/ticket-event/ticket-event';
import type { PublishOutcome } from '@onsale/orders/catalogue/create-catalogue';
import { ApiError } from '@onsale/platform/http/api-error';
import { createHttpApp } from '@onsale/platform/http/create-http-app';
import { createLogger } from '@onsale/platform/logger';
import type { SaleStatus } from '@onsale/contracts/http/sale-status-routes';
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

const status: SaleStatus = {
  eventId: 'event-0001',
  saleId: 'event-0001.0',
  title: 'Harbour Lights',
  currency: 'KRW',
  seated: true,
  state: 'on-sale',
  cancellation: null,
  roomOpensAt: '2027-01-01T09:50:00.000Z',
  opensAt: '2027-01-01T10:00:00.000Z',
  closesAt: '2027-01-02T10:00:00.000Z',
  countedAt: '2027-01-01T10:00:30.000Z',
  entered: 12,
  admitted: 8,
  free: 95,
  held: 3,
  sold: 2,
  queue: 0,
  paid: 1,
  confirmed: 1,
  rejected: 0,
  cancelled: 0,
  serving: { number: 7, ratePerSecond: 5.5 },
  capacity: {
    plannedRatePerSecond: 5.5,
    podRatePerSecond: 100,
    pods: [{ service: 'confirm-worker', live: 2 }],
    p95Ms: null,
    queueDepth: 3,
    backlogSec: 0.03,
    admission: { state: 'open', ratePerSecond: 5.5, limitedBy: 'planned' },
  },
  refunds: { due: 2, sent: 1, failed: 1, dueAmount: 200, sentAmount: 100 },
  oldestUnfinishedAt: null,
};

function appWith(deps: Partial<AdminRoutesDeps> & { outcome?: PublishOutcome } = {}) {
  const app = createHttpApp({ logger: createLogger('test', 'silent') });
  const prepared: string[] = [];
  const changes: unknown[] = [];
  const cancelled: string[] = [];
  registerAdminRoutes(app, {
    adminToken,
    catalogue: {
      publishEvent: async () => deps.outcome ?? { outcome: 'created', published },
      ticketEvents: async () => [document],
      list: async () => [published],
      cancelEvent: async (eventId, reason) => {
        if (eventId !== 'event-0001') return { outcome: 'unknown-event' };
        cancelled.push(reason);
        return { outcome: 'cancelled', cancellation: { atMs: nowMs, reason } };
      },
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
    readSaleStatus: async (eventIds) => eventIds.map(() => status),
    checkTicket: async ({ code }) => ({
      outcome: 'not-valid',
      reason: code === 'x' ? 'cancelled' : 'unknown',
    }),
    buyers: {
      exportBuyer: async (userId) => ({
        userId,
        exportedAt: '2027-01-01T10:00:30.000Z',
        records: {},
        sales: [],
      }),
      eraseBuyer: async () => ({
        pseudonym: 'erased§1',
        kept: { orders: 1, intents: 1, reservations: 0 },
        removed: { intents: 0, places: 1 },
      }),
    },
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
  return { app, call, prepared, changes, cancelled };
}

t.test('without the admin token nothing is told and nothing done', async (t) => {
  const { app, call, prepared, changes, cancelled } = appWith();
  for (const token of [null, 'x', `${adminToken}x`, adminToken.slice(1), 'a'.repeat(adminToken.length)]) {
    for (const [method, url] of [
      ['PUT', '/admin/ticket-events'],
      ['GET', '/admin/ticket-events'],
      ['POST', '/admin/sales/event-0001/pause'],
      ['POST', '/admin/sales/event-0001/resume'],
      ['POST', '/admin/sales/event-0001/rate'],
      ['GET', '/admin/sales/event-0001/status'],
      ['GET', '/admin/sales'],
      ['POST', '/admin/sales/event-0001/cancel'],
      ['POST', '/admin/gate/check'],
      ['POST', '/admin/buyers/export'],
      ['POST', '/admin/buyers/erase'],
    ] as const) {
      const answer = await call(method, url, method === 'GET' ? undefined : {}, token);
      t.equal(answer.statusCode, 401, `${method} ${url} ${token}`);
      t.match(answer.json(), { error: 'unauthorized' });
    }
  }
  t.same(prepared, []);
  t.same(changes, []);
  t.same(cancelled, []);
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

t.test("a sale's status is told whole, of one event and of all", async (t) => {
  const { call } = appWith();
  t.same((await call('GET', '/admin/sales/event-0001/status')).json(), status);
  t.same((await call('GET', '/admin/sales')).json(), { items: [status] });
  t.equal((await call('GET', '/admin/sales/event-0002/status')).statusCode, 404);
});

t.test('an event is cancelled only by who names it twice and says why', async (t) => {
  const { call, cancelled } = appWith();
  const cancel = (eventId: string, body: object) => call('POST', `/admin/sales/${eventId}/cancel`, body);
  for (const body of [
    {},
    { reason: 'flood' },
    { confirm: 'event-0001' },
    { confirm: 'event-0002', reason: 'flood' },
    { confirm: 'event-0001', reason: ' ' },
  ]) {
    t.equal((await cancel('event-0001', body)).statusCode, 400, JSON.stringify(body));
  }
  t.same(cancelled, []);
  t.same((await cancel('event-0001', { confirm: 'event-0001', reason: 'flood' })).json(), {
    eventId: 'event-0001',
    outcome: 'cancelled',
    cancelledAt: '2027-01-01T10:00:30.000Z',
    reason: 'flood',
  });
  t.same(cancelled, ['flood']);
  t.equal((await cancel('event-0002', { confirm: 'event-0002', reason: 'flood' })).statusCode, 404);
});

t.test('a gate asks with a code and is told what to do', async (t) => {
  const { call } = appWith();
  t.same((await call('POST', '/admin/gate/check', { code: 'x' })).json(), {
    outcome: 'not-valid',
    reason: 'cancelled',
  });
  t.equal((await call('POST', '/admin/gate/check', {})).statusCode, 400);
});

t.test('a buyer’s data is exported by name, and erased only by who names the buyer twice', async (t) => {
  const { call } = appWith();
  t.match((await call('POST', '/admin/buyers/export', { userId: 'alice' })).json(), { userId: 'alice' });
  for (const body of [
    {},
    { userId: 'alice' },
    { userId: 'alice', confirm: 'bob' },
    { userId: 'a b', confirm: 'a b' },
  ]) {
    t.equal((await call('POST', '/admin/buyers/erase', body)).statusCode, 400, JSON.stringify(body));
  }
  const erased = await call('POST', '/admin/buyers/erase', { userId: 'alice', confirm: 'alice' });
  t.match(erased.json(), { pseudonym: 'erased§1', removed: { places: 1 } });
});
