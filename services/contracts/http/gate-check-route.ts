import { Type } from 'typebox';
import { DateTime, EventId } from './fields.ts';
import { defineRoute, errorResponses } from './route-contract.ts';

const entered = {
  ticketId: Type.String({ description: 'Of unseated tickets the reservation: res_ and its number' }),
  eventId: Type.String(),
  seatId: Type.String({ description: 'Empty for unseated tickets' }),
  quantity: Type.Optional(
    Type.Integer({ minimum: 1, description: 'Of unseated tickets: how many people come in, together' }),
  ),
  at: DateTime,
  gate: Type.String(),
};

/** What a gate does with a ticket. */
export const GateCheck = Type.Union([
  Type.Object(
    { outcome: Type.Literal('admitted'), ...entered },
    { description: 'Let in: of all gates that ask, exactly one is told so, once' },
  ),
  Type.Object(
    { outcome: Type.Literal('already-admitted'), ...entered },
    { description: 'Somebody came in with it before: when, and at which gate' },
  ),
  Type.Object({
    outcome: Type.Literal('not-valid'),
    reason: Type.Enum(['unknown', 'cancelled', 'other-event'], {
      description: 'unknown: no ticket of ours, guessed or altered',
    }),
  }),
]);

export type GateCheck = Type.Static<typeof GateCheck>;

export const gateCheckRoute = defineRoute({
  method: 'POST',
  url: '/admin/gate/check',
  schema: {
    operationId: 'checkTicket',
    summary: 'Check a ticket’s code at the gate and let its holder in, once',
    tags: ['admin'],
    security: [{ admin: [] }],
    body: Type.Object({
      code: Type.String({ minLength: 1, maxLength: 512, description: 'What the ticket’s QR code says' }),
      eventId: Type.Optional(EventId),
      gate: Type.String({
        pattern: '^[\\x20-\\x7e]{1,64}$',
        default: 'gate',
        description: 'Where: shown when the ticket comes again',
      }),
    }),
    response: { 200: GateCheck, ...errorResponses(400, 401, 503) },
  },
});
