import { Type } from 'typebox';

/**
 * Visible ASCII without spaces, as an OpenID Connect subject is (OpenID Connect Core, section 2). It keeps NUL out of
 * PostgreSQL and line breaks out of logs.
 */
export const UserId = Type.String({ pattern: '^[\\x21-\\x7e]{1,128}$', examples: ['alice'] });

/** A Kubernetes-style label: it is also part of Redis keys and of saleIds. */
export const EventId = Type.String({
  pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$',
  examples: ['event-0001'],
});

export const SectionId = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9-]{0,31}$', examples: ['A'] });

export const SeatId = Type.String({
  pattern: '^R[1-9][0-9]{0,4}C[1-9][0-9]{0,4}$',
  description: 'Row and column; rows number on through the sections of an event',
  examples: ['R1C1'],
});

/** How many seats one request may name. */
export const maxSeatsPerRequest = 50;

export const SeatIds = Type.Array(SeatId, { minItems: 1, maxItems: maxSeatsPerRequest, uniqueItems: true });

/** Printable ASCII; kept for the order's lifetime. */
export const IdempotencyKey = Type.String({
  pattern: '^[\\x21-\\x7e]{8,200}$',
  description: 'Chosen by the client; the same key with the same body gives the same result',
  examples: ['5f2b8c1e-alice-1'],
});

export const AmountMinor = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'Minor units of the currency',
});

export const DateTime = Type.String({ format: 'date-time' });
