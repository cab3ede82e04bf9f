import { Type } from 'typebox';
import { DateTime, EventId } from './fields.ts';
import { defineRoute, errorResponses } from './route-contract.ts';

/** A cancelled event. */
export const EventCancellation = Type.Object({
  eventId: Type.String(),
  outcome: Type.Enum(['cancelled', 'already-cancelled']),
  cancelledAt: DateTime,
  reason: Type.String({ description: 'As first given' }),
});

export const cancelEventRoute = defineRoute({
  method: 'POST',
  url: '/admin/sales/{eventId}/cancel',
  schema: {
    operationId: 'cancelEvent',
    summary: 'Cancel an event for good and give everybody’s money back; repeating it changes nothing',
    description:
      'Answers once it is durable. From then on nobody enters, holds or pays (409 event_cancelled), a commit ends as a rejected order, and confirm-worker cancels every confirmed order and refunds every capture: the sale’s status shows how far it is.',
    tags: ['admin'],
    security: [{ admin: [] }],
    params: Type.Object({ eventId: EventId }),
    body: Type.Object({
      confirm: Type.String({ maxLength: 63, description: 'The eventId once more: this cannot be undone' }),
      reason: Type.String({ minLength: 1, maxLength: 200, pattern: '\\S', description: 'For the report' }),
    }),
    response: { 200: EventCancellation, ...errorResponses(400, 401, 404, 503) },
  },
});
