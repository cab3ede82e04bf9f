import { Type } from 'typebox';
import { AmountMinor, DateTime, EventId, IdempotencyKey, SeatId, SeatIds, UserId } from './fields.ts';
import { Health } from './public-routes.ts';
import { defineRoute, errorResponses } from './route-contract.ts';

const tags = ['confirm'] as const;
const IntentId = Type.String({ pattern: '^[\\x21-\\x7e]{1,64}$' });
const idempotencyHeader = Type.Object({ 'idempotency-key': IdempotencyKey });

export const Ticket = Type.Object({
  ticketId: Type.String(),
  seatId: Type.Union([SeatId, Type.Null()]),
  status: Type.Union([Type.Literal('VALID'), Type.Literal('CANCELLED')]),
  code: Type.Optional(
    Type.String({
      description:
        'Signed; what a QR code of the ticket says and the gate checks. Absent of a cancelled ticket, and where no ticket keys are set',
    }),
  ),
});

export const Order = Type.Object({
  orderId: Type.String(),
  intentId: Type.String(),
  eventId: Type.String(),
  userId: Type.String(),
  seatIds: Type.Array(Type.String()),
  amount: AmountMinor,
  currency: Type.String(),
  status: Type.Union([
    Type.Literal('PROCESSING'),
    Type.Literal('CONFIRMED'),
    Type.Literal('REJECTED'),
    Type.Literal('CANCELLED'),
  ]),
  reason: Type.Union([Type.Null(), Type.String({ description: 'Why it was rejected, snake_case' })]),
  tickets: Type.Array(Ticket),
  updatedAt: DateTime,
});

export const Payment = Type.Object({
  intentId: Type.String(),
  paymentId: Type.Union([Type.Null(), Type.String()]),
  status: Type.Union([
    Type.Literal('PENDING'),
    Type.Literal('CAPTURED'),
    Type.Literal('FAILED'),
    Type.Literal('REFUNDING'),
    Type.Literal('REFUNDED'),
  ]),
  amount: AmountMinor,
  refunded: AmountMinor,
});

export const PaymentIntent = Type.Object({
  intentId: Type.String(),
  eventId: Type.String(),
  seatIds: Type.Array(Type.String()),
  amount: AmountMinor,
  currency: Type.String(),
  payment: Payment,
});

export const confirmHealthRoute = defineRoute({
  method: 'GET',
  url: '/confirm/health',
  schema: {
    operationId: 'confirmHealth',
    summary: 'Whether confirm-api serves',
    tags,
    response: { 200: Health },
  },
});

export const paymentIntentRoute = defineRoute({
  method: 'POST',
  url: '/confirm/payment-intent',
  schema: {
    operationId: 'createPaymentIntent',
    summary: 'Price the seats and open a payment',
    tags,
    headers: idempotencyHeader,
    body: Type.Object({ userId: UserId, eventId: EventId, seatIds: SeatIds }),
    response: {
      200: Type.Object({ intentId: Type.String(), amount: AmountMinor, currency: Type.String() }),
      201: Type.Object({ intentId: Type.String(), amount: AmountMinor, currency: Type.String() }),
      ...errorResponses(400, 401, 403, 404, 409, 429, 503),
    },
  },
});

export const readPaymentIntentRoute = defineRoute({
  method: 'GET',
  url: '/confirm/payment-intent/{intentId}',
  schema: {
    operationId: 'readPaymentIntent',
    summary: 'An intent and how its payment stands',
    tags,
    params: Type.Object({ intentId: IntentId }),
    response: { 200: PaymentIntent, ...errorResponses(400, 404, 503) },
  },
});

export const paymentCallbackRoute = defineRoute({
  method: 'POST',
  url: '/confirm/payment-callback',
  schema: {
    operationId: 'paymentCallback',
    summary: "The payment provider's signed event",
    tags,
    headers: Type.Object({
      'x-onsale-signature': Type.Optional(
        Type.String({ maxLength: 512, description: 't=<epoch seconds>,v1=<hex HMAC-SHA256 of "t.body">' }),
      ),
    }),
    body: Type.Object({
      type: Type.Union([Type.Literal('payment.captured'), Type.Literal('payment.failed')]),
      intentId: IntentId,
      paymentId: Type.String({ pattern: '^[\\x21-\\x7e]{1,128}$' }),
      amount: AmountMinor,
    }),
    response: { 200: Type.Object({ received: Type.Boolean() }), ...errorResponses(400, 401, 503) },
  },
});

export const commitRoute = defineRoute({
  method: 'POST',
  url: '/confirm/commit',
  schema: {
    operationId: 'commit',
    summary: 'Turn held seats into an order, asynchronously; follow it at Location',
    tags,
    headers: idempotencyHeader,
    body: Type.Object({ intentId: IntentId, eventId: EventId, seatIds: SeatIds, userId: UserId }),
    response: {
      202: Type.Object({ accepted: Type.Boolean(), status: Type.Literal('PROCESSING'), idem: Type.String() }),
      ...errorResponses(400, 401, 403, 409, 429, 503),
    },
  },
});

export const statusRoute = defineRoute({
  method: 'GET',
  url: '/confirm/status',
  schema: {
    operationId: 'orderStatus',
    summary: 'The order and payment behind an idempotency key; both null when the key is unknown',
    tags,
    querystring: Type.Object({ idem: IdempotencyKey }),
    response: {
      200: Type.Object({
        order: Type.Union([Type.Null(), Order]),
        payment: Type.Union([Type.Null(), Payment]),
      }),
      ...errorResponses(400, 500, 503),
    },
  },
});

const bearerOrOpen = [{ bearer: [] }, {}] as const;

export const listOrdersRoute = defineRoute({
  method: 'GET',
  url: '/confirm/orders',
  schema: {
    operationId: 'listOrders',
    summary: "A buyer's own orders and tickets, newest first",
    tags,
    security: bearerOrOpen,
    querystring: Type.Object({
      userId: Type.Optional(UserId),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 50 })),
    }),
    response: { 200: Type.Object({ orders: Type.Array(Order) }), ...errorResponses(400, 401, 403, 503) },
  },
});

export const cancelOrderRoute = defineRoute({
  method: 'POST',
  url: '/confirm/orders/{orderId}/cancel',
  schema: {
    operationId: 'cancelOrder',
    summary: 'Cancel an order, or some of its tickets, before the event: refunded, seats on sale again',
    tags,
    security: bearerOrOpen,
    params: Type.Object({ orderId: Type.String({ pattern: '^[\\x21-\\x7e]{1,64}$' }) }),
    body: Type.Object({
      userId: Type.Optional(UserId),
      ticketIds: Type.Optional(
        Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
          minItems: 1,
          maxItems: 50,
          uniqueItems: true,
        }),
      ),
    }),
    response: {
      200: Type.Object({ order: Order, refundAmount: AmountMinor }),
      ...errorResponses(400, 401, 403, 404, 409, 503),
    },
  },
});

/** How fast an order of a practice round was. */
export const OrderRank = Type.Object({
  orderId: Type.String(),
  saleId: Type.String(),
  takenMs: Type.Integer({ minimum: 0, description: "From the round's opening to the tickets, milliseconds" }),
  chosenMs: Type.Integer({
    minimum: 0,
    description: "From the round's opening until the seats were held and their payment begun, milliseconds",
  }),
  paidMs: Type.Integer({ minimum: 0, description: "From the round's opening to the captured payment" }),
  others: Type.Integer({ minimum: 0, description: 'Other orders of the round with tickets' }),
  otherBots: Type.Integer({ minimum: 0, description: "How many of the others are practice bots' orders" }),
  faster: Type.Integer({ minimum: 0, description: 'How many of the others had their tickets earlier' }),
  fasterBots: Type.Integer({ minimum: 0, description: 'How many of the faster are bots' }),
  percentile: Type.Integer({
    minimum: 0,
    maximum: 100,
    description: 'Percent of the others that were not faster; 100 when there are none',
  }),
});

export const orderRankRoute = defineRoute({
  method: 'GET',
  url: '/confirm/orders/{orderId}/rank',
  schema: {
    operationId: 'orderRank',
    summary: 'How fast an order was among those of its practice round; other sales have no rank',
    tags,
    security: bearerOrOpen,
    params: Type.Object({ orderId: Type.String({ pattern: '^[\\x21-\\x7e]{1,64}$' }) }),
    querystring: Type.Object({ userId: Type.Optional(UserId) }),
    response: { 200: OrderRank, ...errorResponses(400, 401, 403, 404, 409, 429, 503) },
  },
});

/** What confirm-api serves under /confirm. */
export const confirmRoutes = [
  confirmHealthRoute,
  paymentIntentRoute,
  readPaymentIntentRoute,
  paymentCallbackRoute,
  commitRoute,
  statusRoute,
  listOrdersRoute,
  cancelOrderRoute,
  orderRankRoute,
] as const;
