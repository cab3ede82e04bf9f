import type { Asked, Exchange } from '../history.ts';
import type { OrderRow, SeatedSale, SectionState, TicketRow, World } from './world.ts';

/** Noon of some day; tests count seconds from it. */
const noonMs = Date.UTC(2026, 0, 1, 12);

/** Milliseconds since the epoch of so many seconds past noon. */
export const second = (seconds: number) => noonMs + seconds * 1000;

/** An exchange from second to second; a status of 0 is an answer that never came. */
export function exchange(
  asked: Asked,
  [start, end]: readonly [start: number, end: number],
  status: number,
  body: Record<string, unknown> = {},
  retryAfter?: string,
): Exchange {
  return {
    asked,
    startMs: second(start),
    endMs: second(end),
    answer: status === 0 ? { status: 'unknown', error: 'cut' } : { status, body, retryAfter },
  };
}

/** A hold of seats that was granted, for ten seconds from its beginning. */
export function granted(
  userId: string,
  seatIds: readonly string[],
  span: readonly [number, number],
  holdId = `hold-of-${userId}`,
): Exchange {
  const expiresAt = new Date(second(span[0] + 10)).toISOString();
  return exchange({ kind: 'hold', userId, eventId: 'show', seatIds }, span, 200, {
    holdId,
    expiresAt,
    seatIds,
  });
}

/** A hold of one seat that was refused because the seat is taken. */
export function refused(userId: string, seatId: string, span: readonly [number, number]): Exchange {
  const body = { error: 'seat_already_held_or_sold', message: '' };
  return exchange({ kind: 'hold', userId, eventId: 'show', seatIds: [seatId] }, span, 409, body);
}

export function released(userId: string, seatId: string, span: readonly [number, number]): Exchange {
  const asked = { kind: 'release', userId, eventId: 'show', seatIds: [seatId] } as const;
  return exchange(asked, span, 200, { released: true });
}

/** Section A: one row of four seats. */
export function section(seats = 'ffff', overrides: Partial<SectionState> = {}): SectionState {
  const count = (letter: string) => seats.split(letter).length - 1;
  const counts = { free: count('f'), held: count('h'), sold: count('s'), blocked: count('b') };
  return { id: 'A', firstRow: 1, seatsPerRow: 4, seatCount: 4, seats, counts, openHolds: [], ...overrides };
}

export function sale(overrides: Partial<SeatedSale> = {}): SeatedSale {
  return {
    eventId: 'show',
    saleId: 'show.0',
    perBuyer: 2,
    holdTtlMs: 10_000,
    opensAtMs: second(0),
    closesAtMs: second(3600),
    sections: [section()],
    lockItems: [],
    ...overrides,
  };
}

export function order(overrides: Partial<OrderRow> = {}): OrderRow {
  return {
    orderId: 'order-1',
    intentId: 'intent-1',
    alone: false,
    userId: 'ann',
    saleId: 'show.0',
    seatIds: ['R1C1'],
    amountMinor: 100,
    status: 'CONFIRMED',
    reason: null,
    createdAtMs: second(3),
    begunAtMs: second(4),
    isDue: false,
    ...overrides,
  };
}

export function ticket(overrides: Partial<TicketRow> = {}): TicketRow {
  return {
    ticketId: 'ticket-1',
    orderId: 'order-1',
    saleId: 'show.0',
    seatId: 'R1C1',
    priceMinor: 100,
    status: 'VALID',
    issuedAtMs: second(5),
    cancelledAtMs: null,
    ...overrides,
  };
}

/** A world in which nothing was sold. */
export function world(overrides: Partial<World> = {}): World {
  return {
    quietAtMs: second(60),
    unsettled: [],
    orders: [],
    tickets: [],
    intents: [],
    captures: [],
    refunds: [],
    reservations: [],
    stock: [],
    commitKeys: new Map(),
    ledger: [],
    sales: [sale()],
    restoredSales: [],
    stockSales: [],
    queued: 0,
    deadLettered: 0,
    redisLosses: [],
    tamperedSeats: new Set(),
    ...overrides,
  };
}

/** Ann's order for R1C1: paid, confirmed, told to Redis. */
export function soldToAnn(overrides: Partial<World> = {}): World {
  return world({
    orders: [order()],
    tickets: [ticket()],
    intents: [
      {
        intentId: 'intent-1',
        key: 'intent-key-1',
        userId: 'ann',
        saleId: 'show.0',
        seatIds: ['R1C1'],
        amountMinor: 100,
        createdAtMs: second(3),
      },
    ],
    captures: [{ paymentId: 'pay-1', intentId: 'intent-1', amountMinor: 100, pays: true }],
    ledger: [{ kind: 'capture', paymentId: 'pay-1', intentId: 'intent-1', amount: 100 }],
    commitKeys: new Map([['commit-key-1', 'order-1']]),
    sales: [sale({ sections: [section('sfff')] })],
    ...overrides,
  });
}
