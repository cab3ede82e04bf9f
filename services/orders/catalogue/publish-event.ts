import { isDeepStrictEqual } from 'node:util';
import { defineEvent } from '@onsale/contracts/ticket-event/define-event';
import type { EventDefinition } from '@onsale/contracts/sale/event-definition';
import type { TicketEvent } from '@onsale/contracts/ticket-event/ticket-event';
import type { Pool } from 'pg';
import { immutableField } from './immutable-field.ts';

export type StoreOutcome =
  | { readonly outcome: 'created' | 'updated' | 'unchanged' }
  /** `field` is the path of the first field that may not change any more. */
  | { readonly outcome: 'immutable'; readonly field: string };

interface StoredRow {
  readonly number: number;
  readonly ticket_event: TicketEvent | null;
}

/**
 * Writes a valid TicketEvent. Publishing the same again writes nothing. Of two publishers at once one inserts; of two changes
 * at once the later stands, and since what may not change never differs, neither can undo that.
 */
export async function storeTicketEvent(
  pool: Pool,
  ticketEvent: TicketEvent,
  event: EventDefinition,
): Promise<StoreOutcome> {
  for (;;) {
    const { rows } = await pool.query<StoredRow>(
      'select number, ticket_event from events where event_id = $1',
      [event.eventId],
    );
    const stored = rows[0];
    if (!stored) {
      if (await insert(pool, ticketEvent, event)) return { outcome: 'created' };
      continue;
    }
    // Created through /api/events, which knows neither sale times nor limits.
    if (!stored.ticket_event) return { outcome: 'immutable', field: 'spec.eventId' };
    if (isDeepStrictEqual(stored.ticket_event.spec, JSON.parse(JSON.stringify(ticketEvent.spec)))) {
      return { outcome: 'unchanged' };
    }
    const defined = defineEvent(stored.ticket_event);
    if (defined.outcome === 'invalid') {
      throw new Error(`Stored event ${event.eventId} is not valid: ${defined.problems.join('; ')}`);
    }
    const field = immutableField(defined.event, event);
    if (field) return { outcome: 'immutable', field };
    await update(pool, stored.number, ticketEvent, event);
    return { outcome: 'updated' };
  }
}

async function insert(pool: Pool, ticketEvent: TicketEvent, event: EventDefinition): Promise<boolean> {
  const { rowCount } = await pool.query(
    `insert into events (event_id, title, home_region, time_zone, starts_at, capacity, price_minor, ticket_event)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (event_id) do nothing`,
    [
      event.eventId,
      event.title,
      event.homeRegion,
      event.timeZone,
      startsAt(event),
      event.generalAdmission?.capacity,
      event.generalAdmission?.priceMinor,
      JSON.stringify(ticketEvent),
    ],
  );
  return rowCount === 1;
}

async function update(
  pool: Pool,
  number: number,
  ticketEvent: TicketEvent,
  event: EventDefinition,
): Promise<void> {
  await pool.query(
    `update events
     set title = $2, time_zone = $3, starts_at = $4, ticket_event = $5, revision = revision + 1, updated_at = now()
     where number = $1`,
    [number, event.title, event.timeZone, startsAt(event), JSON.stringify(ticketEvent)],
  );
}

function startsAt(event: EventDefinition): Date | null {
  return event.sale.kind === 'windows' && event.startsAtMs === Number.MAX_SAFE_INTEGER
    ? null
    : new Date(event.startsAtMs);
}
