import { asUnavailable } from '@onsale/platform/engine-errors';
import type { Pool } from 'pg';
import { queryRows } from '../connect.ts';
import { loadSql } from '../load-sql.ts';
import type { TicketCodes } from './ticket-codes.ts';

export interface TicketCheck {
  /** What the QR code said. */
  readonly code: string;
  /** The event the gate belongs to; absent: any. */
  readonly eventId?: string | undefined;
  readonly gate: string;
}

interface Entry {
  readonly ticketId: string;
  readonly eventId: string;
  /** Empty for unseated tickets. */
  readonly seatId: string;
  /** Of unseated tickets, how many people come in, together; absent for a seat. */
  readonly quantity?: number;
  readonly atMs: number;
  readonly gate: string;
}

export type TicketCheckOutcome =
  /** Of all who ask, exactly one is told so. */
  | ({ readonly outcome: 'admitted' } & Entry)
  | ({ readonly outcome: 'already-admitted' } & Entry)
  | { readonly outcome: 'not-valid'; readonly reason: 'unknown' | 'cancelled' | 'other-event' };

interface Row {
  event_id: string;
  seat_id: string;
  quantity?: number;
  live: boolean;
  /** Won in a practice round: it costs nothing and admits nobody. */
  practice: boolean;
  fresh: boolean;
  gate: string | null;
  entered_at: Date | null;
}

const enterGate = loadSql('enter-gate');
const enterGateUnseated = loadSql('enter-gate-unseated');
const unknown = { outcome: 'not-valid', reason: 'unknown' } as const;

/**
 * Lets the holder of a ticket in, once: whichever gate's row is in PostgreSQL first did, and any other is told when and
 * where. Throws ApiError `unavailable` while PostgreSQL is away; whether it let somebody in is then unknown, and asking
 * again at the same gate tells.
 */
export async function checkTicket(
  { pool, codes }: { readonly pool: Pool; readonly codes: TicketCodes },
  { code, eventId, gate }: TicketCheck,
): Promise<TicketCheckOutcome> {
  const ticketId = codes.ticketIdOf(code);
  if (ticketId === undefined) return unknown;
  const enter = ticketId.startsWith('res_')
    ? { ...enterGateUnseated, values: [ticketId.slice(4), gate, eventId] }
    : { ...enterGate, values: [ticketId, gate, eventId] };
  try {
    let [row] = await queryRows<Row>(pool, enter);
    // Another gate's entry came between this statement's beginning and its own: the next one sees it.
    if (row?.live && !row.practice && !row.entered_at && (eventId ?? row.event_id) === row.event_id) {
      [row] = await queryRows<Row>(pool, enter);
    }
    if (!row) return unknown;
    if (row.practice || (eventId !== undefined && row.event_id !== eventId)) {
      return { outcome: 'not-valid', reason: 'other-event' };
    }
    if (!row.live || !row.entered_at) return { outcome: 'not-valid', reason: 'cancelled' };
    const { event_id, seat_id, quantity, fresh, entered_at } = row;
    const entry = {
      ticketId,
      eventId: event_id,
      seatId: seat_id,
      ...(quantity === undefined ? {} : { quantity }),
      atMs: entered_at.getTime(),
      gate: row.gate!,
    };
    return { outcome: fresh ? 'admitted' : 'already-admitted', ...entry };
  } catch (error) {
    throw asUnavailable(error) ?? error;
  }
}
