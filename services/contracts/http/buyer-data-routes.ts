import { Type } from 'typebox';
import { DateTime, UserId } from './fields.ts';
import { defineRoute, errorResponses } from './route-contract.ts';

const tags = ['admin'] as const;
const admin = [{ admin: [] }] as const;

/** Everything stored of a buyer. */
export const BuyerExport = Type.Object({
  userId: Type.String(),
  exportedAt: DateTime,
  records: Type.Record(
    Type.String(),
    Type.Array(Type.Unsafe<object>({ type: 'object', additionalProperties: true })),
    {
      description: 'Whole rows of PostgreSQL, by table',
    },
  ),
  sales: Type.Array(
    Type.Object({
      saleId: Type.String(),
      place: Type.Union([Type.Object({ joinIndex: Type.Integer(), takenAt: DateTime }), Type.Null()]),
      holds: Type.Array(
        Type.Object({
          holdId: Type.String(),
          seatCount: Type.Integer(),
          expiresAt: Type.Union([DateTime, Type.Null()], { description: 'Null: committing or sold' }),
        }),
      ),
      lockItems: Type.Array(Type.Unsafe<object>({ type: 'object', additionalProperties: true })),
    }),
    { description: 'What Redis and DynamoDB still keep, by sale' },
  ),
});

export type BuyerExport = Type.Static<typeof BuyerExport>;

/** How a buyer was erased. */
export const BuyerErasure = Type.Object({
  pseudonym: Type.String({
    description: 'Stands where the userId stood; kept with the date as the record of it',
  }),
  kept: Type.Object({
    orders: Type.Integer(),
    intents: Type.Integer(),
    reservations: Type.Integer(),
  }),
  removed: Type.Object({ intents: Type.Integer(), places: Type.Integer() }),
});

export type BuyerErasure = Type.Static<typeof BuyerErasure>;

// The userId goes in the body: addresses end up in logs and histories.
export const exportBuyerRoute = defineRoute({
  method: 'POST',
  url: '/admin/buyers/export',
  schema: {
    operationId: 'exportBuyer',
    summary: 'Everything stored of one buyer, as one document',
    tags,
    security: admin,
    body: Type.Object({ userId: UserId }),
    response: { 200: BuyerExport, ...errorResponses(400, 401, 503) },
  },
});

export const eraseBuyerRoute = defineRoute({
  method: 'POST',
  url: '/admin/buyers/erase',
  schema: {
    operationId: 'eraseBuyer',
    summary:
      'Erase a buyer: a pseudonym stays in the accounts, everything else goes; repeating it finishes it',
    description:
      'Refused with 409, which names what to wait for, while the buyer holds seats, an order is under way or money is going back.',
    tags,
    security: admin,
    body: Type.Object({
      userId: UserId,
      confirm: Type.String({ maxLength: 128, description: 'The userId once more: this cannot be undone' }),
    }),
    response: { 200: BuyerErasure, ...errorResponses(400, 401, 409, 503) },
  },
});
