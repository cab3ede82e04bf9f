import { Type } from 'typebox';
import { EventId } from './fields.ts';
import { defineRoute, errorResponses } from './route-contract.ts';

const tags = ['admin'] as const;
const admin = [{ admin: [] }] as const;
const params = Type.Object({ eventId: EventId });

const RateAnswer = Type.Object({
  eventId: Type.String(),
  saleId: Type.String(),
  ratePerSecond: Type.Number({ description: 'Places served per second from now on; 0 while paused' }),
});

/** What publishing answers. */
export const PublishAnswer = Type.Object({
  eventId: Type.String(),
  number: Type.Integer({ description: 'What existing clients know the event by' }),
  outcome: Type.Union([Type.Literal('created'), Type.Literal('updated'), Type.Literal('unchanged')]),
  saleIds: Type.Array(Type.String(), {
    description: 'The sales made ready: the current one, and the next round',
  }),
});

export const publishTicketEventRoute = defineRoute({
  method: 'PUT',
  url: '/admin/ticket-events',
  schema: {
    operationId: 'publishTicketEvent',
    summary: 'Publish a TicketEvent, or change what may change of it; repeating it changes nothing',
    description:
      'A bad document is answered with all of its problems; a change of identity, venue, stock or price, and an event at home in another Region, with 409.',
    tags,
    security: admin,
    // Checked against the TicketEvent schema by the catalogue, which names every problem and not only the first.
    body: Type.Object({}, { description: 'A TicketEvent, as applied to Kubernetes' }),
    response: { 200: PublishAnswer, 201: PublishAnswer, ...errorResponses(400, 401, 409, 503) },
  },
});

export const listTicketEventsRoute = defineRoute({
  method: 'GET',
  url: '/admin/ticket-events',
  schema: {
    operationId: 'listTicketEvents',
    summary: 'The TicketEvents as published',
    tags,
    security: admin,
    response: {
      200: Type.Object({
        items: Type.Array(Type.Unsafe<object>({ type: 'object', additionalProperties: true })),
      }),
      ...errorResponses(401, 503),
    },
  },
});

export const pauseSaleRoute = defineRoute({
  method: 'POST',
  url: '/admin/sales/{eventId}/pause',
  schema: {
    operationId: 'pauseSale',
    summary: 'Stop admitting buyers; those admitted go on',
    tags,
    security: admin,
    params,
    response: { 200: RateAnswer, ...errorResponses(400, 401, 404, 503) },
  },
});

export const resumeSaleRoute = defineRoute({
  method: 'POST',
  url: '/admin/sales/{eventId}/resume',
  schema: {
    operationId: 'resumeSale',
    summary: "Admit buyers again, at the TicketEvent's rate",
    tags,
    security: admin,
    params,
    response: { 200: RateAnswer, ...errorResponses(400, 401, 404, 503) },
  },
});

export const changeRateRoute = defineRoute({
  method: 'POST',
  url: '/admin/sales/{eventId}/rate',
  schema: {
    operationId: 'changeRate',
    summary: 'Admit this many buyers a second',
    tags,
    security: admin,
    params,
    body: Type.Object({ ratePerSecond: Type.Number({ minimum: 0, maximum: 100_000 }) }),
    response: { 200: RateAnswer, ...errorResponses(400, 401, 404, 503) },
  },
});
