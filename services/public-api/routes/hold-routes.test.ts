import type { EventDefinition } from '@onsale/contracts/sale/event-definition';
import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import { SeatMap } from '@onsale/contracts/sale/seat-map';
import { sectionOfHoldId } from '@onsale/inventory/hold-id';
import type { HoldOutcome, PlaceHold, ReleaseHold } from '@onsale/inventory/seat-inventory';
import { ApiError } from '@onsale/platform/http/api-error';
import { createHttpApp } from '@onsale/platform/http/create-http-app';
import { createLogger } from '@onsale/platform/logger';
import t from 'tap';
import { registerHoldRoutes, type VerifiedTurn } from './hold-routes.ts';

const opensAtMs = Date.UTC(2030, 0, 1);
const admitted: VerifiedTurn = { outcome: 'admitted', userId: 'alice', joinIndex: 7, lapsed: false };

function fixture(
  options: {
    nowMs?: number;
    turn?: VerifiedTurn;
    answer?: HoldOutcome | ApiError;
    event?: Partial<EventDefinition>;
    released?: boolean;
  } = {},
) {
  const event: EventDefinition = {
    eventId: 'event-0001',
    title: 'A concert',
    homeRegion: 'local',
    currency: 'KRW',
    startsAtMs: opensAtMs + 86_400_000,
    timeZone: 'Asia/Seoul',
    sale: { kind: 'once', opensAtMs, closesAtMs: opensAtMs + 60_000 },
    sections: [
      { id: 'A', rows: 2, seatsPerRow: 3, priceMinor: 500 },
      { id: 'B', rows: 1, seatsPerRow: 2, priceMinor: 300 },
    ],
    generalAdmission: undefined,
    perBuyer: 4,
    holdTtlMs: 60_000,
    waitingRoom: { opensBeforeMs: 1000, ratePerSecond: 1, maxActive: 1 },
    suspend: false,
    ...options.event,
  };
  const published: PublishedEvent = { event, seatMap: new SeatMap(event.sections), number: 1 };
  const placed: PlaceHold[] = [];
  const releases: ReleaseHold[] = [];
  const lapsed: unknown[] = [];
  const app = createHttpApp({ logger: createLogger('test', 'silent') });
  registerHoldRoutes(app, {
    catalogue: { find: async (eventId) => (eventId === 'event-0001' ? published : undefined) },
    clock: { nowMs: () => options.nowMs ?? opensAtMs + 5000 },
    room: {
      ensureRoom: async () => undefined,
      verifyTurn: (token) => (token === 'token' ? (options.turn ?? admitted) : { outcome: 'invalid' }),
      lapsePlace: async (_sale, place) => lapsed.push(place),
    },
    inventory: {
      placeHold: async (request) => {
        placed.push(request);
        if (options.answer instanceof ApiError) throw options.answer;
        return (
          options.answer ?? {
            outcome: 'held',
            holdId: request.holdId,
            seatIds: ['R1C1'],
            expiresAtMs: opensAtMs + 65_000,
          }
        );
      },
      releaseHold: async (request) => {
        releases.push(request);
        return { released: options.released ?? true };
      },
    },
  });
  const post = async (path: string, body: object, token?: string) => {
    const answer = await app.inject({
      method: 'POST',
      url: path,
      payload: body,
      headers: token === undefined ? {} : { 'x-room-token': token },
    });
    return {
      status: answer.statusCode,
      body: answer.json<Record<string, unknown>>(),
      headers: answer.headers,
    };
  };
  return {
    placed,
    releases,
    lapsed,
    hold: (body: object, token: string | null = 'token') =>
      post('/public/hold', { eventId: 'event-0001', ...body }, token ?? undefined),
    release: (body: object, token?: string) =>
      post('/public/release', { eventId: 'event-0001', ...body }, token),
  };
}

t.test('one seat, several, or the best available, for the token’s buyer', async (t) => {
  const { hold, placed } = fixture();
  const answer = await hold({ seatId: 'R1C1' });
  t.equal(answer.status, 200);
  t.same(answer.body['expiresAt'], '2030-01-01T00:01:05.000Z');
  t.same(answer.body['seatIds'], ['R1C1']);
  t.equal(sectionOfHoldId(String(answer.body['holdId'])), 0);
  await hold({ seatIds: ['R3C1', 'R3C2'] });
  await hold({ section: 'B', seatCount: 2 });
  await hold({ section: 'B', seatCount: 2, wheelchair: true });
  t.match(placed, [
    {
      userId: 'alice',
      saleId: 'event-0001.0',
      seats: [{ sectionIndex: 0, seatIndex: 0 }],
      turnLapsed: false,
    },
    {
      seats: [
        { sectionIndex: 1, seatIndex: 0 },
        { sectionIndex: 1, seatIndex: 1 },
      ],
    },
    { seats: { sectionIndex: 1, seatCount: 2, wheelchair: false } },
    { seats: { sectionIndex: 1, seatCount: 2, wheelchair: true } },
  ]);
  t.not(placed[0]!.holdId, placed[1]!.holdId);
});

t.test('what cannot be meant is refused before anything else', async (t) => {
  const { hold, placed } = fixture({ turn: { outcome: 'invalid' }, nowMs: 0 });
  for (const [body, says] of [
    [{}, 'exactly one'],
    [{ seatId: 'R1C1', seatIds: ['R1C1'] }, 'exactly one'],
    [{ seatId: 'R1C1', section: 'A', seatCount: 1 }, 'exactly one'],
    [{ section: 'A' }, 'together'],
    [{ seatCount: 2 }, 'together'],
    [{ section: 'B', seatCount: 3, wheelchair: true }, 'wheelchair'],
    [{ seatId: 'R1C1', wheelchair: true }, 'wheelchair'],
    [{ seatIds: ['R1C1', 'R3C1'] }, 'one section'],
    [{ seatId: 'R4C1' }, 'R4C1'],
    [{ seatIds: ['R1C1', 'R1C4'] }, 'R1C4'],
    [{ section: 'Z', seatCount: 1 }, 'Z'],
    [{ seatIds: [] }, 'body'],
    [{ seatId: 'seat' }, 'body'],
    [{ section: 'A', seatCount: 0 }, 'body'],
  ] as const) {
    const answer = await hold(body, null);
    t.equal(answer.status, 400, JSON.stringify(body));
    t.match(answer.body, { error: 'bad_request', message: says });
  }
  t.same(placed, []);
});

t.test('then the event, the token, the window, the turn', async (t) => {
  const seat = { seatId: 'R1C1' };
  const notYet: VerifiedTurn = { outcome: 'not-yet', retryAfterSec: 12 };
  const before = opensAtMs - 1;
  t.match(await fixture().hold({ ...seat, eventId: 'no-such-event' }, null), {
    status: 404,
    body: { error: 'not_found' },
  });
  for (const token of [null, 'forged']) {
    t.match(await fixture({ nowMs: before }).hold(seat, token), {
      status: 401,
      body: { error: 'room_expired' },
    });
  }
  for (const nowMs of [before, opensAtMs + 60_000]) {
    t.match(await fixture({ nowMs, turn: notYet }).hold(seat), {
      status: 409,
      body: { error: 'sale_not_open' },
    });
  }
  t.match(await fixture({ turn: notYet }).hold(seat), {
    status: 401,
    body: { error: 'room_not_ready' },
  });
  const standing = fixture({ event: { sections: [], generalAdmission: { capacity: 5, priceMinor: 1 } } });
  t.match(await standing.hold(seat), { status: 400, body: { message: '/api/reservations' } });
});

t.test('each outcome has its code', async (t) => {
  for (const [outcome, status, error] of [
    ['taken', 409, 'seat_already_held_or_sold'],
    ['sold-out', 409, 'sold_out'],
    ['limit-reached', 409, 'limit_reached'],
    ['closed', 409, 'sale_not_open'],
    ['turn-lapsed', 401, 'room_expired'],
  ] as const) {
    const { hold, lapsed } = fixture({ answer: { outcome } });
    const answer = await hold({ seatId: 'R1C1' });
    t.equal(answer.status, status, outcome);
    t.same(Object.keys(answer.body), ['error', 'message']);
    t.equal(answer.body['error'], error);
    t.equal(answer.headers['cache-control'], 'no-store');
    t.equal(lapsed.length, outcome === 'turn-lapsed' ? 1 : 0, 'a passed turn makes room for a new one');
  }
  for (const code of ['rebuilding', 'cache_unavailable', 'unavailable'] as const) {
    const answer = await fixture({ answer: new ApiError(code, 'try again') }).hold({ seatId: 'R1C1' });
    t.match(answer, { status: 503, body: { error: code }, headers: { 'retry-after': '1' } });
  }
});

t.test('released with the room token, the holdId, or not at all', async (t) => {
  const byToken = fixture();
  t.same((await byToken.release({ seatId: 'R1C2' }, 'token')).body, { released: true });
  t.match(byToken.releases, [
    { saleId: 'event-0001.0', proof: { userId: 'alice' }, seats: [{ sectionIndex: 0, seatIndex: 1 }] },
  ]);
  const byHold = fixture();
  t.same((await byHold.release({ holdId: 'AAabcdefghijklmnop' })).body, { released: true });
  t.match(byHold.releases, [{ proof: { holdId: 'AAabcdefghijklmnop' } }]);
  for (const token of [undefined, 'forged']) {
    const without = fixture();
    const answer = await without.release({ seatId: 'R1C1' }, token);
    t.equal(answer.status, 200);
    t.same(answer.body, { released: false });
    t.same(without.releases, []);
  }
  const wrongHold = fixture({ released: false });
  await wrongHold.release({ seatId: 'R1C1', holdId: 'AAabcdefghijklmnop' }, 'token');
  t.equal(wrongHold.releases.length, 2, 'a holdId that is no good leaves the token');
});

t.test('a release that names nothing is refused; of nothing there is, nothing is released', async (t) => {
  const { release, releases } = fixture();
  for (const body of [{}, { seatId: 'R1C1', seatIds: ['R1C1'] }]) {
    t.match(await release(body, 'token'), { status: 400, body: { error: 'bad_request' } });
  }
  for (const body of [
    { seatId: 'R9C9' },
    { seatIds: ['R1C1', 'R9C9'] },
    { eventId: 'no-such-event', seatId: 'R1C1' },
    { eventId: 'no-such-event', holdId: 'AAabcdefghijklmnop' },
  ]) {
    t.match(await release(body, 'token'), { status: 200, body: { released: false } });
  }
  t.same(releases, []);
});

t.test('a hold of the round before is given back in it while it may live', async (t) => {
  const sale = { kind: 'windows', everyMs: 60_000, openForMs: 50_000 } as const;
  const round = Math.floor(opensAtMs / 60_000);
  const event = { sale, holdTtlMs: 20_000 };
  const early = fixture({ nowMs: opensAtMs + 9_999, released: false, event });
  await early.release({ holdId: 'AAabcdefghijklmnop' });
  t.same(
    early.releases.map((release) => release.saleId),
    [`event-0001.${round}`, `event-0001.${round - 1}`],
  );
  const later = fixture({ nowMs: opensAtMs + 10_000, released: false, event });
  await later.release({ holdId: 'AAabcdefghijklmnop' });
  t.equal(later.releases.length, 1);
});
