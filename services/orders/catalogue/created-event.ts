import type { Pool } from 'pg';

/** An event made through `/api/events`: general admission, on sale from the start until it begins. Never changes. */
export interface CreatedEvent {
  readonly number: number;
  /** Made from the number. */
  readonly eventId: string;
  readonly title: string;
  readonly homeRegion: string;
  readonly timeZone: string;
  readonly startsAtMs: number;
  readonly capacity: number;
  readonly priceMinor: number;
}

const namePattern = /^api-([1-9][0-9]{0,15})$/;

/** The name of a created event with this number. */
export const createdEventId = (eventNumber: number) => `api-${eventNumber}`;

/** The number in a created event's name; undefined for any other name. */
export function createdEventNumber(eventId: string): number | undefined {
  const digits = namePattern.exec(eventId)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * Writes a new event and returns it. Its name is made from its number; when a published event already has that name, the
 * next number is taken.
 */
export async function insertCreatedEvent(
  pool: Pool,
  event: Omit<CreatedEvent, 'number' | 'eventId'>,
): Promise<CreatedEvent> {
  for (;;) {
    const { rows } = await pool.query<{ number: number; event_id: string }>(
      `insert into events (number, event_id, title, home_region, time_zone, starts_at, capacity, price_minor)
       overriding system value
       select next.number, 'api-' || next.number, $1, $2, $3, $4, $5, $6
       from nextval(pg_get_serial_sequence('events', 'number')) as next (number)
       on conflict (event_id) do nothing
       returning number, event_id`,
      [
        event.title,
        event.homeRegion,
        event.timeZone,
        new Date(event.startsAtMs),
        event.capacity,
        event.priceMinor,
      ],
    );
    const row = rows[0];
    if (row) return { ...event, number: row.number, eventId: row.event_id };
  }
}

/** Reads a created event; undefined when there is none with this number. */
export async function selectCreatedEvent(pool: Pool, eventNumber: number): Promise<CreatedEvent | undefined> {
  const { rows } = await pool.query<{
    event_id: string;
    title: string;
    home_region: string;
    time_zone: string;
    starts_at: Date;
    capacity: number;
    price_minor: number;
  }>(
    `select event_id, title, home_region, time_zone, starts_at, capacity, price_minor
     from events where number = $1 and ticket_event is null`,
    [eventNumber],
  );
  const row = rows[0];
  return (
    row && {
      number: eventNumber,
      eventId: row.event_id,
      title: row.title,
      homeRegion: row.home_region,
      timeZone: row.time_zone,
      startsAtMs: row.starts_at.getTime(),
      capacity: row.capacity,
      priceMinor: row.price_minor,
    }
  );
}
