import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import { currentSale } from '@onsale/contracts/sale/sale-window';
import type { Pool } from 'pg';

/** An event's row with the stock of its current sale, as the events API caches it. */
export interface EventDocument {
  readonly number: number;
  readonly eventId: string;
  readonly title: string;
  readonly homeRegion: string;
  readonly timeZone: string;
  /** Null for a practice event. */
  readonly startsAtMs: number | null;
  /** Null when seated. */
  readonly capacity: number | null;
  readonly priceMinor: number | null;
  /** From a TicketEvent, not created through `/api/events`. */
  readonly published: boolean;
  /** The sale that {@link sold} counts. */
  readonly saleId: string;
  readonly sold: number;
}

interface Row {
  number: number;
  event_id: string;
  title: string;
  home_region: string;
  time_zone: string;
  starts_at: Date | null;
  capacity: number | null;
  price_minor: number | null;
  published: boolean;
  sale_id: string;
  sold: number;
}

/**
 * Reads events, soonest first: all, or the one with that number.
 *
 * @param published what the catalogue knows: it says which round a practice event is in at `nowMs`
 */
export async function selectEventDocuments(
  pool: Pool,
  published: readonly PublishedEvent[],
  nowMs: number,
  eventNumber?: number,
): Promise<EventDocument[]> {
  const rounds = published.filter(({ event }) => event.sale.kind === 'windows');
  const { rows } = await pool.query<Row>(
    `select e.number, e.event_id, e.title, e.home_region, e.time_zone, e.starts_at, e.capacity, e.price_minor,
            e.ticket_event is not null as published, sale.sale_id, coalesce(s.sold, 0) as sold
     from events e
     left join unnest($1::bigint[], $2::text[]) as round (number, sale_id) on round.number = e.number
     cross join lateral (select coalesce(round.sale_id, e.event_id || '.0') as sale_id) as sale
     left join stock s on s.sale_id = sale.sale_id
     where $3::bigint is null or e.number = $3
     order by e.starts_at nulls first, e.number`,
    [
      rounds.map(({ number }) => number),
      rounds.map(({ event }) => currentSale(event, nowMs).saleId),
      eventNumber ?? null,
    ],
  );
  return rows.map((row) => ({
    number: row.number,
    eventId: row.event_id,
    title: row.title,
    homeRegion: row.home_region,
    timeZone: row.time_zone,
    startsAtMs: row.starts_at?.getTime() ?? null,
    capacity: row.capacity,
    priceMinor: row.price_minor,
    published: row.published,
    saleId: row.sale_id,
    sold: row.sold,
  }));
}
