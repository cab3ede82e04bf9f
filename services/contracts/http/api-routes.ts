import { Type } from 'typebox';
import { UserId } from './fields.ts';
import { defineRoute, errorResponses } from './route-contract.ts';

const tags = ['api'] as const;
const bearer = [{ bearer: [] }] as const;

/** Existing clients send event ids as numbers; published events are known by their names too. */
const EventKey = Type.Union([
  Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  Type.String({ pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' }),
]);
const EventKeyParam = Type.Object({ id: Type.String({ pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' }) });

export const EventView = Type.Object({
  id: Type.Integer({ description: 'Number of the event' }),
  eventId: Type.String({ description: 'Name of the event' }),
  eventName: Type.String(),
  totalSeats: Type.Integer(),
  availableSeats: Type.Integer(),
  eventDate: Type.String({ description: "In the event's own zone, without an offset" }),
  timeZone: Type.String(),
  price: Type.Union([
    Type.Null(),
    Type.Integer({ description: 'Of a general-admission ticket, minor units' }),
  ]),
  currency: Type.String({ description: 'ISO 4217 code' }),
  perBuyer: Type.Union([
    Type.Null(),
    Type.Integer({ description: 'Seats or tickets one buyer may have of a sale' }),
  ]),
  seated: Type.Boolean(),
  sale: Type.Union([
    Type.Null(),
    Type.Object({
      saleId: Type.String(),
      roomOpensAt: Type.String({ description: 'From when on buyers may enter the waiting room' }),
      opensAt: Type.String(),
      closesAt: Type.String(),
      state: Type.String({ description: 'room-closed, room-open, on-sale or closed' }),
    }),
  ]),
  cancelledAt: Type.Union([
    Type.Null(),
    Type.String({
      description: 'Since when the event is cancelled: nothing of it is sold, all payments are refunded',
    }),
  ]),
  apiBase: Type.String({ description: 'Where this event sells' }),
});

export const ReservationView = Type.Object({
  id: Type.Integer(),
  eventId: Type.Union([Type.Integer(), Type.String()]),
  userId: Type.String(),
  quantity: Type.Integer(),
  status: Type.Union([Type.Literal('CONFIRMED'), Type.Literal('CANCELLED')]),
  createdAt: Type.String(),
  code: Type.Optional(
    Type.String({
      description:
        'Signed; the gate lets in, once, as many people as there are tickets. Only while confirmed',
    }),
  ),
});

export const apiHealthRoute = defineRoute({
  method: 'GET',
  url: '/api/health',
  schema: {
    operationId: 'apiHealth',
    summary: 'State of the database and of Redis',
    tags,
    response: {
      200: Type.Object({
        status: Type.String({ examples: ['UP'] }),
        timestamp: Type.String(),
        database: Type.String({ examples: ['connected'] }),
        redis: Type.String({ examples: ['connected'] }),
      }),
      503: Type.Object({
        status: Type.String({ examples: ['DOWN'] }),
        timestamp: Type.String(),
        database: Type.String(),
        redis: Type.String(),
      }),
    },
  },
});

export const listEventsRoute = defineRoute({
  method: 'GET',
  url: '/api/events',
  schema: {
    operationId: 'listEvents',
    summary: 'All events, soonest first',
    tags,
    response: { 200: Type.Array(EventView), ...errorResponses(503) },
  },
});

export const getEventRoute = defineRoute({
  method: 'GET',
  url: '/api/events/{id}',
  schema: {
    operationId: 'getEvent',
    summary: 'One event, by number or name',
    tags,
    params: EventKeyParam,
    response: { 200: EventView, ...errorResponses(400, 404, 503) },
  },
});

export const createEventRoute = defineRoute({
  method: 'POST',
  url: '/api/events',
  schema: {
    operationId: 'createEvent',
    summary: 'Create a general-admission event',
    tags,
    security: bearer,
    body: Type.Object({
      eventName: Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\x00]+$' }),
      totalSeats: Type.Integer({ minimum: 1, maximum: 10_000_000 }),
      eventDate: Type.String({
        maxLength: 40,
        description: "ISO 8601; without an offset it is read in the event's own zone",
        examples: ['2027-12-31T19:00:00'],
      }),
      timeZone: Type.Optional(Type.String({ maxLength: 64, default: 'Asia/Seoul' })),
      price: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000_000, default: 0 })),
    }),
    response: { 201: EventView, ...errorResponses(400, 401, 403, 503) },
  },
});

export const createReservationRoute = defineRoute({
  method: 'POST',
  url: '/api/reservations',
  schema: {
    operationId: 'createReservation',
    summary: 'Take general-admission tickets; answers sold_out when fewer are left',
    tags,
    security: bearer,
    headers: Type.Object({
      'idempotency-key': Type.Optional(Type.String({ pattern: '^[\\x21-\\x7e]{8,200}$' })),
    }),
    body: Type.Object({
      eventId: EventKey,
      userId: Type.Optional(UserId),
      quantity: Type.Integer({ minimum: 1, maximum: 100, default: 1 }),
    }),
    response: {
      201: ReservationView,
      200: ReservationView,
      ...errorResponses(400, 401, 403, 404, 409, 429, 503),
    },
  },
});

export const listReservationsRoute = defineRoute({
  method: 'GET',
  url: '/api/reservations/user/{userId}',
  schema: {
    operationId: 'listReservations',
    summary: "A buyer's own reservations, newest first",
    tags,
    security: bearer,
    params: Type.Object({ userId: UserId }),
    response: { 200: Type.Array(ReservationView), ...errorResponses(400, 401, 403, 503) },
  },
});

export const cancelReservationRoute = defineRoute({
  method: 'DELETE',
  url: '/api/reservations/{id}',
  schema: {
    operationId: 'cancelReservation',
    summary: 'Give the tickets back, once; repeating it changes nothing',
    tags,
    security: bearer,
    params: Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) }),
    response: { 200: ReservationView, ...errorResponses(400, 401, 403, 404, 409, 503) },
  },
});

/** What public-api serves under /api. */
export const eventRoutes = [apiHealthRoute, listEventsRoute, getEventRoute, createEventRoute] as const;
/** What confirm-api serves under /api. */
export const reservationRoutes = [
  createReservationRoute,
  listReservationsRoute,
  cancelReservationRoute,
] as const;
