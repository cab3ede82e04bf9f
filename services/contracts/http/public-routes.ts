import { Type } from 'typebox';
import { DateTime, EventId, maxSeatsPerRequest, SeatId, SeatIds, SectionId, UserId } from './fields.ts';
import { defineRoute, errorResponses } from './route-contract.ts';

const tags = ['public'] as const;
const roomTokenHeader = Type.Object({
  'x-room-token': Type.Optional(Type.String({ maxLength: 1024, description: 'From enter' })),
});

export const Health = Type.Object({
  ok: Type.Boolean(),
  ts: Type.Integer({ description: 'Epoch milliseconds' }),
});

export const publicHealthRoute = defineRoute({
  method: 'GET',
  url: '/public/health',
  schema: {
    operationId: 'publicHealth',
    summary: 'Whether public-api serves',
    tags,
    response: { 200: Health },
  },
});

export const pingRoute = defineRoute({
  method: 'GET',
  url: '/public/ping',
  schema: {
    operationId: 'ping',
    summary: 'The cheapest answer there is',
    tags,
    response: { 200: Type.Object({ service: Type.String(), ts: Type.Integer() }) },
  },
});

export const enterRoute = defineRoute({
  method: 'POST',
  url: '/public/enter',
  schema: {
    operationId: 'enter',
    summary: 'Enter the waiting room; entering again returns the first place',
    tags,
    body: Type.Object({ userId: UserId, eventId: EventId }),
    response: {
      200: Type.Object({
        roomToken: Type.String({ description: 'Signed; send it as x-room-token' }),
        position: Type.Integer({ minimum: 0, description: 'Buyers before this one; 0 until drawn' }),
        etaSec: Type.Integer({ minimum: 0, description: 'Seconds until the turn, as far as known' }),
        drawn: Type.Boolean({ description: 'False until the places of the early arrivals are drawn' }),
        saleId: Type.String(),
        joinIndex: Type.Integer({
          minimum: 0,
          description: 'What the draw permutes: keep it to verify your place',
        }),
        opensAt: DateTime,
        closesAt: DateTime,
        pollAfterSec: Type.Number({ minimum: 0, description: 'When to ask room-status, jittered' }),
      }),
      ...errorResponses(400, 401, 403, 404, 409, 429, 503),
    },
  },
});

const AdmissionState = Type.Enum(['open', 'slowed', 'none_free', 'sold_out', 'paused'], {
  description:
    'Why the line moves as it does: as planned; slower, as there is more to do; not at all while all seats are held, as nothing is left, or as the organiser stopped it',
});

export const roomStatusRoute = defineRoute({
  method: 'GET',
  url: '/public/room-status',
  schema: {
    operationId: 'roomStatus',
    summary: 'Whether the turn has come',
    tags,
    querystring: Type.Object({ token: Type.String({ minLength: 1, maxLength: 1024 }) }),
    response: {
      200: Type.Object({
        ready: Type.Boolean(),
        leftSec: Type.Integer({ minimum: 0, description: 'Seconds until the turn; 0 when ready' }),
        position: Type.Integer({ minimum: 0, description: 'Buyers still before this one; 0 until drawn' }),
        drawn: Type.Boolean(),
        pollAfterSec: Type.Number({ minimum: 0 }),
        admission: AdmissionState,
      }),
      ...errorResponses(400, 401, 503),
    },
  },
});

export const roomRecordRoute = defineRoute({
  method: 'GET',
  url: '/public/room/{eventId}',
  schema: {
    operationId: 'roomRecord',
    summary:
      'The serving number as a function of time, and the draw: seed hash before, seed and cohort after opening',
    description:
      'The serving number at time t is the floor of base + rate × (t − since), over the last piece begun by t. A place is admitted when the serving number reaches it.',
    tags,
    params: Type.Object({ eventId: EventId }),
    response: {
      200: Type.Object({
        eventId: EventId,
        saleId: Type.String(),
        now: Type.Integer({ description: 'Epoch milliseconds of the one clock' }),
        opensAt: DateTime,
        closesAt: DateTime,
        serving: Type.Object({
          base: Type.Number(),
          since: Type.Integer({ description: 'Epoch milliseconds' }),
          rate: Type.Number({ description: 'Places per second' }),
        }),
        next: Type.Union([
          Type.Null(),
          Type.Object({ base: Type.Number(), since: Type.Integer(), rate: Type.Number() }),
        ]),
        admission: AdmissionState,
        draw: Type.Object({
          seedHash: Type.String({ description: 'Hex SHA-256 of the seed, published when the room opens' }),
          seed: Type.Union([Type.Null(), Type.String({ description: 'Hex, once the cohort is sealed' })]),
          cohort: Type.Union([
            Type.Null(),
            Type.Integer({ description: 'N: join indexes below it were drawn' }),
          ]),
          beacon: Type.Union([Type.Null(), Type.String({ description: 'Public randomness mixed in' })]),
        }),
      }),
      ...errorResponses(400, 404, 503),
    },
  },
});

export const summaryRoute = defineRoute({
  method: 'GET',
  url: '/public/summary/{event}/{section}',
  schema: {
    operationId: 'summary',
    summary: 'Free seats of a section',
    tags,
    params: Type.Object({ event: EventId, section: SectionId }),
    response: {
      200: Type.Object({
        event: Type.String(),
        section: Type.String(),
        seatsAvailable: Type.Integer({ minimum: 0 }),
        updatedAt: DateTime,
      }),
      ...errorResponses(400, 404, 503),
    },
  },
});

/** One character a seat, in the order of the section's rows. */
export const seatStateLegend = { f: 'free', h: 'held', s: 'sold', b: 'blocked' } as const;

export const seatsRoute = defineRoute({
  method: 'GET',
  url: '/public/seats/{eventId}',
  schema: {
    operationId: 'seats',
    summary: 'The seat map: one character a seat, or one byte a seat with Accept: application/octet-stream',
    tags,
    params: Type.Object({ eventId: EventId }),
    response: {
      200: Type.Object({
        eventId: EventId,
        saleId: Type.String(),
        version: Type.String({ description: 'Changes whenever a seat does; also the ETag' }),
        updatedAt: DateTime,
        legend: Type.Object(
          { f: Type.String(), h: Type.String(), s: Type.String(), b: Type.String() },
          { description: 'f free, h held, s sold, b blocked' },
        ),
        currency: Type.String(),
        sections: Type.Array(
          Type.Object({
            id: SectionId,
            firstRow: Type.Integer(),
            rows: Type.Integer(),
            seatsPerRow: Type.Integer(),
            price: Type.Integer(),
            available: Type.Integer(),
            seats: Type.String({ description: 'rows × seatsPerRow characters of the legend, row by row' }),
            wheelchairSpaces: Type.Optional(
              Type.Array(Type.Object({ space: SeatId, companion: SeatId }), {
                description:
                  'Spaces and their companion seats: given to a request with wheelchair, or by name',
              }),
            ),
          }),
        ),
      }),
      ...errorResponses(400, 404, 500, 503),
    },
  },
});

export const holdRoute = defineRoute({
  method: 'POST',
  url: '/public/hold',
  schema: {
    operationId: 'hold',
    summary: 'Hold one seat, several of one section, or the best available of a section: all or none',
    tags,
    headers: roomTokenHeader,
    body: Type.Object({
      eventId: EventId,
      seatId: Type.Optional(SeatId),
      seatIds: Type.Optional(SeatIds),
      section: Type.Optional(SectionId),
      seatCount: Type.Optional(Type.Integer({ minimum: 1, maximum: maxSeatsPerRequest })),
      wheelchair: Type.Optional(
        Type.Boolean({
          description:
            'With section and seatCount: 2 gives a wheelchair space and the companion seat beside it, 1 a space alone',
        }),
      ),
    }),
    response: {
      200: Type.Object({
        holdId: Type.String(),
        expiresAt: DateTime,
        seatIds: Type.Array(SeatId),
      }),
      ...errorResponses(400, 401, 403, 404, 409, 429, 500, 503),
    },
  },
});

export const releaseRoute = defineRoute({
  method: 'POST',
  url: '/public/release',
  schema: {
    operationId: 'release',
    summary: 'Give held seats back; proof of ownership is the room token or the holdId',
    tags,
    headers: roomTokenHeader,
    body: Type.Object({
      eventId: EventId,
      seatId: Type.Optional(SeatId),
      seatIds: Type.Optional(SeatIds),
      holdId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    }),
    response: {
      200: Type.Object({ released: Type.Boolean() }),
      ...errorResponses(400, 429, 503),
    },
  },
});

/** What public-api serves under /public. */
export const publicRoutes = [
  publicHealthRoute,
  pingRoute,
  enterRoute,
  roomStatusRoute,
  roomRecordRoute,
  summaryRoute,
  seatsRoute,
  holdRoute,
  releaseRoute,
] as const;
