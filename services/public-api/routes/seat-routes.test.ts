import type { EventDefinition } from '@onsale/contracts/sale/event-definition';
import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import { SeatMap } from '@onsale/contracts/sale/seat-map';
import type { SeatMapSnapshot } from '@onsale/inventory/seat-inventory';
import { ApiError } from '@onsale/platform/http/api-error';
import { createHttpApp } from '@onsale/platform/http/create-http-app';
import { createLogger } from '@onsale/platform/logger';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { registerSeatRoutes } from './seat-routes.ts';

const opensAtMs = Date.UTC(2030, 0, 1);

function publishedWith(options: Partial<EventDefinition> = {}): PublishedEvent {
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
      { id: 'B', rows: 1, seatsPerRow: 2, priceMinor: 300 },
    ],
    generalAdmission: undefined,
    perBuyer: 4,
    holdTtlMs: 60_000,
    waitingRoom: { opensBeforeMs: 1000, ratePerSecond: 1, maxActive: 1 },
    suspend: false,
    ...options,
  };
  return { event, seatMap: new SeatMap(event.sections), number: 1 };
}

const counts = { held: 1, sold: 0, blocked: 0, version: '1.1', updatedAtMs: opensAtMs };

function fixture(options: { nowMs?: number; published?: PublishedEvent; failing?: ApiError } = {}) {
  const state = { nowMs: options.nowMs ?? opensAtMs + 5000, reads: 0 };
  let snapshot: SeatMapSnapshot = {
    saleId: 'event-0001.0',
    version: 'v1',
    updatedAtMs: opensAtMs,
    sections: [
      { ...counts, free: 2, seats: 'fhf' },
      { ...counts, free: 1, seats: 'fs' },
    ],
  };
  const app = createHttpApp({ logger: createLogger('test', 'silent') });
  const published = options.published ?? publishedWith();
  registerSeatRoutes(app, {
    catalogue: {
      find: async (eventId) => (eventId === 'event-0001' ? published : undefined),
      known: () => undefined,
    },
    inventory: {
      knownSummary: () => undefined,
      knownSeatMap: () => undefined,
      readSeatMap: async () => {
        if (options.failing) throw options.failing;
        state.reads++;
        return snapshot;
      },
      readSummary: async (_published, _saleId, sectionIndex) => snapshot.sections[sectionIndex]!,
    },
    clock: { nowMs: () => state.nowMs },
  });
  return {
    app,
    state,
    seats: (headers: Record<string, string> = {}) => app.inject({ url: '/public/seats/event-0001', headers }),
    change: (next: Partial<SeatMapSnapshot>) => (snapshot = { ...snapshot, ...next }),
  };
}

t.test('the seat map in letters, with what a page needs to draw it', async (t) => {
  const answer = await fixture().seats();
  t.equal(answer.statusCode, 200);
  t.equal(answer.headers['content-type'], 'application/json; charset=utf-8');
  t.same(answer.json(), {
    eventId: 'event-0001',
    saleId: 'event-0001.0',
    version: 'v1',
    updatedAt: '2030-01-01T00:00:00.000Z',
    legend: { f: 'free', h: 'held', s: 'sold', b: 'blocked' },
    currency: 'KRW',
    sections: [
      { id: 'A', firstRow: 1, rows: 1, seatsPerRow: 3, price: 500, available: 2, seats: 'fhf' },
      { id: 'B', firstRow: 2, rows: 1, seatsPerRow: 2, price: 300, available: 1, seats: 'fs' },
    ],
  });
});

t.test('as bytes: one a seat, section after section', async (t) => {
  const answer = await fixture().seats({ accept: 'application/octet-stream' });
  t.equal(answer.headers['content-type'], 'application/octet-stream');
  t.equal(answer.rawPayload.toString('latin1'), 'fhffs');
  t.equal(answer.headers['x-onsale-version'], 'v1');
  t.equal(answer.headers['x-onsale-sale'], 'event-0001.0');
  t.equal(answer.headers['vary'], 'accept');
});

t.test('whoever has this version gets 304, each representation by its own ETag', async (t) => {
  const { seats, change } = fixture();
  const etag = String((await seats()).headers['etag']);
  const bytes = { accept: 'application/octet-stream' };
  const bytesEtag = String((await seats(bytes)).headers['etag']);
  t.not(etag, bytesEtag);
  for (const condition of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const answer = await seats({ 'if-none-match': condition });
    t.equal(answer.statusCode, 304, condition);
    t.equal(answer.body, '');
    t.equal(answer.headers['etag'], etag);
    t.match(answer.headers['cache-control'], /max-age=/);
  }
  t.equal((await seats({ 'if-none-match': bytesEtag })).statusCode, 200);
  t.equal((await seats({ ...bytes, 'if-none-match': bytesEtag })).statusCode, 304);
  change({ version: 'v2' });
  t.equal((await seats({ 'if-none-match': etag })).statusCode, 200);
});

t.test('kept for a second on sale, ten otherwise, never past the opening', async (t) => {
  for (const [nowMs, maxAge] of [
    [opensAtMs - 60_000, 10],
    [opensAtMs - 10_000, 10],
    [opensAtMs - 9999, 9],
    [opensAtMs - 999, 0],
    [opensAtMs, 1],
    [opensAtMs + 59_999, 1],
    [opensAtMs + 60_000, 10],
  ] as const) {
    const answer = await fixture({ nowMs }).seats();
    t.equal(answer.headers['cache-control'], `public, max-age=${maxAge}`, String(nowMs - opensAtMs));
  }
  const practice = publishedWith({ sale: { kind: 'windows', everyMs: 60_000, openForMs: 15_000 } });
  const between = await fixture({ nowMs: opensAtMs + 57_500, published: practice }).seats();
  t.equal(between.headers['cache-control'], 'public, max-age=2', 'the next round opens');
});

t.test('the count of a section', async (t) => {
  const { app } = fixture();
  const answer = await app.inject('/public/summary/event-0001/B');
  t.same(answer.json(), {
    event: 'event-0001',
    section: 'B',
    seatsAvailable: 1,
    updatedAt: '2030-01-01T00:00:00.000Z',
  });
  t.equal(answer.headers['cache-control'], 'public, max-age=1');
});

t.test('errors are the contract’s and are not kept', async (t) => {
  const cases = [
    ['/public/seats/no-such-event', 404, 'not_found'],
    ['/public/summary/event-0001/Z', 404, 'not_found'],
    ['/public/summary/no-such-event/A', 404, 'not_found'],
    ['/public/seats/NOT%20AN%20ID', 400, 'bad_request'],
  ] as const;
  for (const [url, status, error] of cases) {
    const answer = await fixture().app.inject(url);
    t.equal(answer.statusCode, status, url);
    t.equal(answer.json<{ error: string }>().error, error);
    t.equal(answer.headers['cache-control'], 'no-store');
  }
  const rebuilding = await fixture({ failing: new ApiError('rebuilding', 'wait') }).seats();
  t.equal(rebuilding.statusCode, 503);
  t.equal(rebuilding.headers['retry-after'], '1');
  t.equal(rebuilding.headers['cache-control'], 'no-store');
  t.equal(rebuilding.headers['etag'], undefined);
  const standing = publishedWith({ sections: [], generalAdmission: { capacity: 5, priceMinor: 1 } });
  const seatless = await fixture({ published: standing }).seats();
  t.equal(seatless.statusCode, 400);
  t.match(seatless.json<{ message: string }>().message, '/api/reservations');
});

t.test('a large map is compressed for those who take it, once for all of a version', async (t) => {
  const rows = 100;
  const large = publishedWith({ sections: [{ id: 'A', rows, seatsPerRow: 100, priceMinor: 500 }] });
  const { seats: ask, change } = fixture({ published: large });
  const seats = 'fhsb'.repeat(25 * rows);
  change({ sections: [{ ...counts, free: 2500, seats }] });
  const plain = await ask({});
  t.equal(plain.headers['content-encoding'], undefined);
  t.equal(plain.headers['vary'], 'accept, accept-encoding');
  for (const [accept, tag] of [
    ['application/json', '"v1-gz"'],
    ['application/octet-stream', '"v1-b-gz"'],
  ] as const) {
    const answer = await ask({ accept, 'accept-encoding': 'br, gzip' });
    t.equal(answer.headers['content-encoding'], 'gzip');
    t.equal(answer.headers['etag'], tag);
    t.ok(answer.rawPayload.length < seats.length / 4);
    const text = gunzipSync(answer.rawPayload).toString();
    t.equal(text, accept === 'application/json' ? plain.body : seats);
    const known = await ask({ accept, 'accept-encoding': 'gzip', 'if-none-match': tag });
    t.equal(known.statusCode, 304);
    t.equal((await ask({ accept, 'if-none-match': tag })).statusCode, 200, 'not for who cannot read it');
  }
  for (const refused of ['identity', 'gzip;q=0', 'br, gzip; q=0.0']) {
    t.equal((await ask({ 'accept-encoding': refused })).headers['content-encoding'], undefined, refused);
  }
});
