import { Type } from 'typebox';
import { EventId, IdempotencyKey, SeatIds, UserId } from '../http/fields.ts';

/** The commit queue's message body, exactly; context such as a trace travels in message attributes. */
export const CommitMessage = Type.Object(
  {
    type: Type.Literal('COMMIT_ORDER'),
    payload: Type.Object(
      {
        intentId: Type.String({ minLength: 1, maxLength: 64 }),
        eventId: EventId,
        seatIds: SeatIds,
        userId: UserId,
      },
      { additionalProperties: false },
    ),
    idem: IdempotencyKey,
  },
  { $id: 'CommitMessage', additionalProperties: false },
);

export type CommitMessage = Type.Static<typeof CommitMessage>;
