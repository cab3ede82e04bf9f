import type { EventDefinition } from '@onsale/contracts/sale/event-definition';
import { SeatMap } from '@onsale/contracts/sale/seat-map';
import { ApiError } from '@onsale/platform/http/api-error';
import { createHttpApp } from '@onsale/platform/http/create-http-app';
import { createIdentity } from '@onsale/platform/identity/create-identity';
import { issueLocalToken } from '@onsale/platform/identity/issue-local-token';
import { createLogger } from '@onsale/platform/logger';
import type { RoomStatus } from '@onsale/waiting-room/waiting-room';
import t from 'tap';
import { registerRoomRoutes, type RoomRoutesDeps } from './room-routes.ts';

const key = 'a-secret-of-thirty-two-bytes-or-more';
const opensAtMs = Date.parse('2027-01-01T10:00:00Z');
const definition: EventDefinition = {
  eventId: 'event-0001',
  title: 'Harbour Lights',
  homeRegion: 'local',
  currency: 'KRW',
  startsAtMs: opensAtMs + 86_400_000,
  timeZone: 'Asia/Seoul',
  sale: { kind: 'once', opensAtMs, closesAtMs: opensAtMs + 60_000 },
  sections: [{ id: 'A', rows: 1, seatsPerRow: 10, priceMinor: 1000 }],
  generalAdmission: undefined,
  perBuyer: 4,
  holdTtlMs: 180_000,
  waitingRoom: { opensBeforeMs: 1_800_000, ratePerSecond: 100, maxActive: 10_000 },
  suspend: false,
};
const published = { event: definition, seatMap: new SeatMap(definition.sections), number: 1 };
const standingRoom = {
  event: {
    ...definition,
    eventId: 'ga-0001',
    sections: [],
    generalAdmission: { capacity: 9, priceMinor: 1 },
  },
  seatMap: new SeatMap([]),
  number: 2,
};
const catalogue = new Map([published, standingRoom].map((one) => [one.event.eventId, one]));
const standing = {
  ready: false,
  drawn: false,
  position: 0,
  leftSec: 61,
  pollAfterSec: 17.5,
  admission: 'open' as const,
};
const known: RoomStatus = { outcome: 'known', ...standing };
const never = () => {
  throw new Error('not expected');
};

/** The routes over a room that is told what to answer. */
function appAt(nowMs: number, room: Partial<RoomRoutesDeps['room']> = {}, mode: 'open' | 'bearer' = 'open') {
  const app = createHttpApp({ logger: createLogger('test', 'silent') });
  registerRoomRoutes(app, {
    catalogue: { find: async (eventId) => catalogue.get(eventId) },
    clock: { nowMs: () => nowMs },
    identity: createIdentity({ mode, localKey: key }),
    room: { enter: never, roomStatus: never, learn: never, roomRecord: never, ...room },
  });
  const enter = (payload: unknown, headers: Record<string, string> = {}) =>
    app.inject({ method: 'POST', url: '/public/enter', payload: payload as object, headers });
  return { app, enter };
}

const alice = { userId: 'alice', eventId: 'event-0001' };

t.test('enter gives the token and what is known of the place', async (t) => {
  const { enter } = appAt(opensAtMs - 60_000, {
    enter: async ({ userId, sale }) => ({
      ...standing,
      roomToken: `token-of-${userId}-${sale.saleId}`,
      joinIndex: 7,
    }),
  });
  const answer = await enter(alice);
  t.equal(answer.statusCode, 200);
  t.equal(answer.headers['cache-control'], 'no-store');
  t.same(answer.json(), {
    roomToken: 'token-of-alice-event-0001.0',
    position: 0,
    etaSec: 61,
    drawn: false,
    saleId: 'event-0001.0',
    joinIndex: 7,
    opensAt: '2027-01-01T10:00:00.000Z',
    closesAt: '2027-01-01T10:01:00.000Z',
    pollAfterSec: 17.5,
  });
});

t.test('a malformed enter reaches no waiting room', async (t) => {
  const { enter } = appAt(opensAtMs);
  for (const body of [
    {},
    { userId: 'alice' },
    { userId: '', eventId: 'event-0001' },
    { userId: 'with space', eventId: 'event-0001' },
    { userId: 5, eventId: 'event-0001' },
    { userId: 'alice', eventId: 'Not An Id' },
  ]) {
    const answer = await enter(body);
    t.equal(answer.statusCode, 400, JSON.stringify(body));
    t.same(Object.keys(answer.json<object>()).sort(), ['error', 'message']);
  }
});

t.test('outside the room’s hours nobody enters, and the answer says when to come back', async (t) => {
  const early = await appAt(opensAtMs - 1_800_000 - 90_500).enter(alice);
  t.match(early.json(), { error: 'sale_not_open', message: /opens at 2027-01-01T09:30:00/ });
  t.equal(early.statusCode, 409);
  t.equal(early.headers['retry-after'], '91');
  const late = await appAt(opensAtMs + 60_000).enter(alice);
  t.match(late.json(), { error: 'sale_not_open', message: /over/ });
  t.equal(late.statusCode, 409);
});

t.test('an event nobody published is not found', async (t) => {
  const { app, enter } = appAt(opensAtMs);
  t.equal((await enter({ ...alice, eventId: 'event-0002' })).statusCode, 404);
  t.equal((await app.inject('/public/room/event-0002')).statusCode, 404);
  t.equal((await app.inject('/public/room/NOT-ONE')).statusCode, 400);
});

t.test('general admission has no waiting room, and the answer says where its tickets are', async (t) => {
  const answer = await appAt(opensAtMs).enter({ userId: 'alice', eventId: 'ga-0001' });
  t.equal(answer.statusCode, 400);
  t.match(answer.json(), { error: 'bad_request', message: /api.reservations/ });
});

t.test('with bearer identity one enters for oneself only', async (t) => {
  const { enter } = appAt(
    opensAtMs,
    { enter: async ({ userId }) => ({ ...standing, roomToken: userId, joinIndex: 0 }) },
    'bearer',
  );
  t.match((await enter(alice)).json(), { error: 'unauthorized' });
  const token = await issueLocalToken({ userId: 'alice', roles: [], key, ttlSeconds: 60 });
  const authorization = `Bearer ${token}`;
  t.match((await enter(alice, { authorization })).json(), { roomToken: 'alice' });
  const forBob = await enter({ ...alice, userId: 'bob' }, { authorization });
  t.equal(forBob.statusCode, 403);
  t.match(forBob.json(), { error: 'forbidden' });
});

t.test('while Redis is away enter is refused with 503, room-status is not', async (t) => {
  const { app, enter } = appAt(opensAtMs, {
    enter: async () => {
      throw new ApiError('cache_unavailable', 'away');
    },
    roomStatus: () => known,
  });
  const refused = await enter(alice);
  t.equal(refused.statusCode, 503);
  t.match(refused.json(), { error: 'cache_unavailable' });
  t.equal(refused.headers['retry-after'], '1');
  t.equal((await app.inject('/public/room-status?token=abc')).statusCode, 200);
});

t.test('room-status answers from memory and is never stored', async (t) => {
  const { app } = appAt(opensAtMs, { roomStatus: () => known });
  const answer = await app.inject('/public/room-status?token=abc');
  t.equal(answer.headers['cache-control'], 'no-store');
  t.same(answer.json(), standing);
  t.equal((await app.inject('/public/room-status')).statusCode, 400);
  t.equal((await app.inject('/public/room-status?token=')).statusCode, 400);
});

t.test('a token of a sale not known yet is looked up', async (t) => {
  const asked: string[] = [];
  const { app } = appAt(opensAtMs, {
    roomStatus: () => ({ outcome: 'unread' }),
    learn: async (token) => {
      asked.push(token);
      return known;
    },
  });
  t.equal((await app.inject('/public/room-status?token=abc')).statusCode, 200);
  t.same(asked, ['abc']);
});

t.test('a token that is forged or of a sale that is over is told to enter again', async (t) => {
  const { app } = appAt(opensAtMs, { roomStatus: () => ({ outcome: 'expired' }) });
  const answer = await app.inject('/public/room-status?token=abc');
  t.equal(answer.statusCode, 401);
  t.match(answer.json(), { error: 'room_expired' });
  t.equal(answer.headers['cache-control'], 'no-store');
});

t.test('the record may be kept for a second', async (t) => {
  const record = {
    eventId: 'event-0001',
    saleId: 'event-0001.0',
    now: opensAtMs,
    opensAt: '2027-01-01T10:00:00.000Z',
    closesAt: '2027-01-01T10:01:00.000Z',
    serving: { base: 0, since: opensAtMs, rate: 100 },
    next: null,
    admission: 'slowed' as const,
    draw: { seedHash: 'ab'.repeat(32), seed: null, cohort: null, beacon: null },
  };
  const { app } = appAt(opensAtMs, { roomRecord: async () => record });
  const answer = await app.inject('/public/room/event-0001');
  t.equal(answer.headers['cache-control'], 'public, max-age=1');
  t.same(answer.json(), record);
});
