import type { ReserveOutcome, ReserveRequest } from '@onsale/orders/reservations/create-reservations';
import type { Reservation } from '@onsale/orders/reservations/reservation';
import { createHttpApp } from '@onsale/platform/http/create-http-app';
import { createIdentity } from '@onsale/platform/identity/create-identity';
import { issueLocalToken } from '@onsale/platform/identity/issue-local-token';
import { createLogger } from '@onsale/platform/logger';
import t from 'tap';
import { registerReservationRoutes, type ReservationRoutesDeps } from './reservation-routes.ts';

const key = 'a-secret-of-thirty-two-bytes-or-more';
const reservation: Reservation = {
  id: 7,
  eventNumber: 1,
  userId: 'alice',
  quantity: 2,
  status: 'CONFIRMED',
  createdAt: new Date('2027-01-01T10:00:00Z'),
};
const view = {
  id: 7,
  eventId: 1,
  userId: 'alice',
  quantity: 2,
  status: 'CONFIRMED',
  createdAt: '2027-01-01T10:00:00.000Z',
};

function appWith(reservations: Partial<ReservationRoutesDeps['reservations']>) {
  const app = createHttpApp({ logger: createLogger('test', 'silent') });
  const none = async () => {
    throw new Error('not expected');
  };
  registerReservationRoutes(app, {
    identity: createIdentity({ mode: 'open', localKey: key }),
    reservations: { reserve: none, listOf: none, cancel: none, ...reservations },
  });
  return app;
}

const bearer = async (userId = 'alice', ...roles: string[]) => ({
  authorization: `Bearer ${await issueLocalToken({ userId, roles, key, ttlSeconds: 60 })}`,
});

t.test('existing clients: the event by number, the buyer named or not', async (t) => {
  const asked: ReserveRequest[] = [];
  const app = appWith({
    reserve: async (request) => {
      asked.push(request);
      return { outcome: 'reserved', reservation };
    },
  });
  const post = async (payload: object, headers: object = {}) =>
    app.inject({
      method: 'POST',
      url: '/api/reservations',
      headers: { ...(await bearer()), ...headers },
      payload,
    });
  const answer = await post({ eventId: 1, userId: 'alice', quantity: 2 });
  t.equal(answer.statusCode, 201);
  t.same(answer.json(), view);
  await post({ eventId: 'event-0001' }, { 'idempotency-key': 'key-0001' });
  t.same(asked, [
    { eventKey: 1, userId: 'alice', quantity: 2, idempotencyKey: undefined },
    { eventKey: 'event-0001', userId: 'alice', quantity: 1, idempotencyKey: 'key-0001' },
  ]);
  for (const wrong of [
    {},
    { eventId: 0 },
    { eventId: 1.5 },
    { eventId: 'Event 1' },
    { eventId: 1, quantity: 0 },
    { eventId: 1, quantity: 101 },
    { eventId: 1, quantity: '2' },
    { eventId: 1, userId: 'two words' },
  ]) {
    const refused = await post(wrong);
    t.equal(refused.statusCode, 400, JSON.stringify(wrong));
    t.match(refused.json(), { error: 'bad_request' });
  }
  t.equal((await post({ eventId: 1 }, { 'idempotency-key': 'short' })).statusCode, 400);
  t.equal(asked.length, 2);
});

t.test('a buyer acts for itself, an operator for others', async (t) => {
  const asked: string[] = [];
  const app = appWith({
    reserve: async ({ userId }) => {
      asked.push(userId);
      return { outcome: 'reserved', reservation };
    },
    listOf: async (userId) => {
      asked.push(userId);
      return [reservation];
    },
  });
  const post = (headers: Record<string, string>) =>
    app.inject({ method: 'POST', url: '/api/reservations', headers, payload: { eventId: 1, userId: 'bob' } });
  const list = (headers: Record<string, string>) =>
    app.inject({ url: '/api/reservations/user/bob', headers });
  for (const call of [post, list]) {
    t.equal((await call({})).statusCode, 401);
    const other = await call(await bearer('alice'));
    t.equal(other.statusCode, 403);
    t.match(other.json(), { error: 'forbidden' });
    t.ok((await call(await bearer('alice', 'operator'))).statusCode < 300);
    t.ok((await call(await bearer('bob'))).statusCode < 300);
  }
  t.same(asked, ['bob', 'bob', 'bob', 'bob']);
  t.same((await list(await bearer('bob'))).json(), [view]);
});

t.test('each outcome has its status and code', async (t) => {
  const cases: [ReserveOutcome, number, string | undefined][] = [
    [{ outcome: 'reserved', reservation }, 201, undefined],
    [{ outcome: 'replayed', reservation }, 200, undefined],
    [{ outcome: 'unknown-event' }, 404, 'not_found'],
    [{ outcome: 'seated' }, 400, 'bad_request'],
    [{ outcome: 'sale-not-open', reason: 'The sale is over' }, 409, 'sale_not_open'],
    [{ outcome: 'event-cancelled' }, 409, 'event_cancelled'],
    [{ outcome: 'sold-out' }, 409, 'sold_out'],
    [{ outcome: 'limit-reached' }, 409, 'limit_reached'],
    [{ outcome: 'key-reused' }, 409, 'idempotency_key_reused'],
  ];
  for (const [outcome, status, error] of cases) {
    const answer = await appWith({ reserve: async () => outcome }).inject({
      method: 'POST',
      url: '/api/reservations',
      headers: await bearer(),
      payload: { eventId: 1 },
    });
    t.equal(answer.statusCode, status, outcome.outcome);
    const body = answer.json<{ error?: string; message?: string }>();
    t.equal(body.error, error, outcome.outcome);
    t.equal(answer.headers['x-idempotent-replay'], outcome.outcome === 'replayed' ? 'true' : undefined);
    if (outcome.outcome === 'seated') t.match(body.message, /\/public\/hold/);
  }
});

t.test('cancelling: own only, and the same answer again', async (t) => {
  const cancel = async (
    outcome: Awaited<ReturnType<ReservationRoutesDeps['reservations']['cancel']>>,
    headers?: object,
  ) =>
    appWith({ cancel: async () => outcome }).inject({
      method: 'DELETE',
      url: '/api/reservations/7',
      headers: { ...(headers ?? (await bearer())) },
    });
  const cancelled = await cancel({
    outcome: 'cancelled',
    reservation: { ...reservation, status: 'CANCELLED' },
  });
  t.equal(cancelled.statusCode, 200);
  t.same(cancelled.json(), { ...view, status: 'CANCELLED' });
  t.equal((await cancel({ outcome: 'unknown' })).statusCode, 404);
  t.equal((await cancel({ outcome: 'not-own' })).statusCode, 403);
  const begun = await cancel({ outcome: 'event-begun' });
  t.equal(begun.statusCode, 409);
  t.match(begun.json(), { error: 'conflict' });
  t.equal((await cancel({ outcome: 'unknown' }, {})).statusCode, 401);
  const noNumber = await appWith({}).inject({
    method: 'DELETE',
    url: '/api/reservations/x',
    headers: await bearer(),
  });
  t.equal(noNumber.statusCode, 400);
});
