/** What the OpenAPI document says of an operation beyond its route's schemas. */
export interface OperationDetails {
  readonly security?: readonly Record<string, readonly string[]>[];
  /** A request body that works against the sample event. */
  readonly example?: unknown;
  /** Headers of an answer, by status. */
  readonly answerHeaders?: Readonly<Record<number, readonly HeaderName[]>>;
  /** Media types an answer of status 200 also comes in, as bytes. */
  readonly alsoAs?: readonly string[];
  /** Answers 304 to If-None-Match. */
  readonly etag?: true;
}

/** Answer headers, described once. */
export const answerHeaders = {
  Location: { description: 'Where to follow the outcome', schema: { type: 'string' } },
  'X-Idempotent-Replay': {
    description: 'Present when this is an earlier answer again',
    schema: { type: 'string' },
  },
  'Retry-After': { description: 'Seconds to wait', schema: { type: 'integer', minimum: 0 } },
  ETag: { description: 'Send it back as If-None-Match', schema: { type: 'string' } },
  Allow: { description: 'Methods this path takes', schema: { type: 'string' } },
} as const;

export type HeaderName = keyof typeof answerHeaders;

/** With bearer identity a token is needed, with open identity none. */
const bearerOrOpen: OperationDetails['security'] = [{ bearer: [] }, {}];

const order = { userId: 'alice', eventId: 'event-0001', seatIds: ['R1C1', 'R1C2'] };

/** By operationId. */
export const operationDetails: Readonly<Record<string, OperationDetails>> = {
  enter: { security: bearerOrOpen, example: { userId: 'alice', eventId: 'event-0001' } },
  hold: { security: [{ roomToken: [] }], example: { eventId: 'event-0001', seatId: 'R1C1' } },
  release: { security: [{ roomToken: [] }, {}], example: { eventId: 'event-0001', seatId: 'R1C1' } },
  seats: { alsoAs: ['application/octet-stream'], etag: true },
  createPaymentIntent: {
    security: bearerOrOpen,
    example: order,
    answerHeaders: { 200: ['X-Idempotent-Replay'], 201: ['Location'] },
  },
  paymentCallback: {
    example: { type: 'payment.captured', intentId: 'pi_1', paymentId: 'pay_1', amount: 20000 },
  },
  commit: {
    security: bearerOrOpen,
    example: { intentId: 'pi_1', ...order },
    answerHeaders: { 202: ['Location'] },
  },
  orderStatus: { etag: true },
  createEvent: {
    example: { eventName: 'New Year', totalSeats: 100, eventDate: '2027-12-31T19:00:00' },
  },
  createReservation: { example: { eventId: 1, quantity: 2 } },
};
