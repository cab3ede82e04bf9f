import type { AddressInfo } from 'node:net';
import { PublicApiEnv } from '@onsale/contracts/env/public-api';
import type { EventDefinition } from '@onsale/contracts/sale/event-definition';
import { SeatMap } from '@onsale/contracts/sale/seat-map';
import { loadConfig } from '@onsale/platform/config';
import { createServiceApp } from '@onsale/platform/http/create-service-app';
import { createIdentity } from '@onsale/platform/identity/create-identity';
import { createLogger } from '@onsale/platform/logger';
import type { RoomStatus } from '@onsale/waiting-room/waiting-room';
import { Registry } from 'prom-client';
import t, { type Test } from 'tap';
import { registerRoomRoutes } from './routes/room-routes.ts';
import { registerSeatRoutes } from './routes/seat-routes.ts';

const opensAtMs = Date.UTC(2030, 0, 1);
const event: EventDefinition = {
  eventId: 'event-0001',
  title: 'A concert',
  homeRegion: 'local',
  currency: 'KRW',
  startsAtMs: opensAtMs + 86_400_000,
  timeZone: 'Asia/Seoul',
  sale: { kind: 'once', opensAtMs, closesAtMs: opensAtMs + 60_000 },
  sections: [
    { id: 'A', rows: 1, seatsPerRow: 3, priceMinor: 500 },
    { id: 'B-2', rows: 100, seatsPerRow: 100, priceMinor: 300 },
  ],
  generalAdmission: undefined,
  perBuyer: 4,
  holdTtlMs: 60_000,
  waitingRoom: { opensBeforeMs: 1000, ratePerSecond: 1, maxActive: 1 },
  suspend: false,
};
const published = { event, seatMap: new SeatMap(event.sections), number: 1 };
const counts = { held: 1, sold: 0, blocked: 0, version: '1.1', updatedAtMs: opensAtMs };
const snapshot = {
  saleId: 'event-0001.0',
  version: 'v1',
  updatedAtMs: opensAtMs,
  sections: [
    { ...counts, free: 2, seats: 'fhf' },
    { ...counts, free: 9999, seats: `h${'f'.repeat(9999)}` },
  ],
} as const;
const status: RoomStatus = {
  outcome: 'known',
  ready: false,
  drawn: true,
  position: 4321,
  leftSec: 1800,
  pollAfterSec: 12.3,
  admission: 'open',
};
const never = () => {
  throw new Error('not expected');
};

/** The routes buyers ask most over HTTP, and what memory was asked for and gave. */
async function fixture(t: Test, settings: Record<string, string> = {}) {
  const config = loadConfig(PublicApiEnv, {
    POSTGRES_URL: 'postgres://x',
    ROOM_TOKEN_KEYS: 'k'.repeat(32),
    IDENTITY: 'open',
    ...settings,
  });
  const metrics = new Registry();
  const { app, addFastRoute } = createServiceApp(config, {
    logger: createLogger('test', 'silent'),
    metrics,
    docs: {},
  });
  t.teardown(() => app.close());
  const memory = { isEmpty: false, isBroken: false, gave: 0 };
  const known = <Value>(value: Value): Value | undefined => {
    if (memory.isBroken) throw new Error('a mistake');
    if (memory.isEmpty) return undefined;
    memory.gave++;
    return value;
  };
  const catalogue = {
    find: async (eventId: string) => (eventId === event.eventId ? published : undefined),
    known: (eventId: string) => (eventId === event.eventId ? published : undefined),
  };
  const clock = { nowMs: () => opensAtMs + 5000 };
  registerSeatRoutes(app, {
    addFastRoute,
    catalogue,
    clock,
    inventory: {
      readSeatMap: async () => snapshot,
      readSummary: async (_published, _saleId, index) => snapshot.sections[index]!,
      knownSeatMap: () => known(snapshot),
      knownSummary: (_saleId, index) => known(snapshot.sections[index]!),
    },
  });
  registerRoomRoutes(app, {
    addFastRoute,
    catalogue,
    clock,
    identity: createIdentity({ mode: 'open' }),
    room: {
      enter: never,
      roomRecord: never,
      learn: async () => status,
      roomStatus: (token) => (token === 'good' ? known(status) : undefined) ?? { outcome: 'expired' },
    },
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const base = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const ask = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    const before = memory.gave;
    // fetch would name gzip.
    const answer = await fetch(base + path, {
      method,
      headers: { 'accept-encoding': 'identity', ...headers },
    });
    return {
      answer: { status: answer.status, headers: told(answer.headers), body: await answer.text() },
      fromMemory: memory.gave > before,
    };
  };
  /** The handler's own answer. */
  const ordinary = async (path: string, headers: Record<string, string> = {}) => {
    memory.isEmpty = true;
    const { answer } = await ask(path, headers);
    memory.isEmpty = false;
    return answer;
  };
  return { app, memory, metrics, ask, ordinary };
}

/** All that is not of the connection or the moment. */
function told(headers: Headers): Record<string, unknown> {
  const { date: _date, vary, ...others } = Object.fromEntries(headers);
  return { ...others, vary: vary?.toLowerCase().split(', ').sort() };
}

const bytes = { accept: 'application/octet-stream' };
const asked: [path: string, headers?: Record<string, string>][] = [
  ['/public/summary/event-0001/A'],
  ['/public/seats/event-0001'],
  ['/public/seats/event-0001', bytes],
  ['/public/seats/event-0001?as=bytes', bytes],
  ['/public/seats/event-0001', { 'accept-encoding': 'gzip' }],
  ['/public/seats/event-0001', { ...bytes, 'accept-encoding': 'gzip', 'if-none-match': '"v1-b-gz"' }],
  ['/public/seats/event-0001', { 'if-none-match': '"v1"' }],
  ['/public/seats/event-0001', { ...bytes, 'if-none-match': '"v1-b"' }],
  ['/public/seats/event-0001', { 'if-none-match': '"v0"' }],
  ['/public/seats/event-0001', { origin: 'https://other.example' }],
  ['/public/seats/event-0001', { origin: 'https://third.example' }],
];

const otherOrigin = { CORS_ORIGINS: 'https://other.example' };

for (const settings of [{}, otherOrigin] as Record<string, string>[]) {
  t.test(`the answer ahead is the handler’s own, ${JSON.stringify(settings)}`, async (t) => {
    const { ask, ordinary } = await fixture(t, settings);
    for (const [path, headers] of asked) {
      const { answer, fromMemory } = await ask(path, headers);
      t.ok(fromMemory, path);
      t.same(answer, await ordinary(path, headers), path);
    }
    const { answer, fromMemory } = await ask('/public/room-status?token=good');
    t.ok(fromMemory);
    t.equal(answer.status, 200);
    t.same({ outcome: 'known', ...(JSON.parse(answer.body) as object) }, status);
    t.equal(answer.headers['cache-control'], 'no-store');
    t.equal(answer.headers['content-type'], 'application/json; charset=utf-8');
  });
}

t.test('what memory cannot tell, and every error, is the handler’s', async (t) => {
  const { ask, memory } = await fixture(t);
  const expectations: [path: string, status: number][] = [
    ['/public/summary/event-0001/Z', 404],
    ['/public/summary/event-0001', 404],
    ['/public/summary/no-event/A', 404],
    ['/public/seats/no-event', 404],
    ['/public/seats/NOT%20AN%20ID', 400],
    ['/public/room-status?token=', 400],
    ['/public/room-status?token=bad', 401],
    ['/public/room-status?token=%67ood', 200],
    ['/public/room-status?token=good&more=1', 200],
    ['/public/summary/event-0001/B%2D2', 200],
  ];
  for (const [path, expected] of expectations) {
    const { answer } = await ask(path);
    t.equal(answer.status, expected, path);
    if (expected >= 400) t.match(JSON.parse(answer.body), { error: String, message: String });
  }
  t.equal((await ask('/public/seats/event-0001', {}, 'POST')).answer.status, 405);
  const head = await ask('/public/seats/event-0001', {}, 'HEAD');
  t.match(head, { fromMemory: false, answer: { status: 200, body: '' } });
  memory.isBroken = true;
  t.equal((await ask('/public/seats/event-0001')).answer.status, 200, 'a mistake in here costs no answer');
});

t.test('pages of other origins are let in from memory too', async (t) => {
  const { ask } = await fixture(t, otherOrigin);
  const { answer, fromMemory } = await ask('/public/seats/event-0001', { origin: 'https://other.example' });
  t.ok(fromMemory);
  t.equal(answer.headers['access-control-allow-origin'], 'https://other.example');
  t.same(answer.headers['vary'], ['accept', 'accept-encoding', 'origin']);
});

t.test('where every request is logged or counted, nothing goes ahead of that', async (t) => {
  for (const settings of [{ ACCESS_LOG: 'true' }, { ADDRESS_LIMIT: '1' }] as Record<string, string>[]) {
    const { ask } = await fixture(t, settings);
    t.notOk((await ask('/public/seats/event-0001')).fromMemory, JSON.stringify(settings));
  }
});

t.test('answers ahead are measured like others', async (t) => {
  const { ask, metrics } = await fixture(t);
  await ask('/public/room-status?token=good');
  await ask('/public/seats/event-0001', { 'if-none-match': '"v1"' });
  const text = await metrics.metrics();
  t.match(text, /duration_seconds_count{route="\/public\/room-status",method="GET",status="200"} 1/);
  t.match(text, /duration_seconds_count{route="\/public\/seats\/:eventId",method="GET",status="304"} 1/);
});
