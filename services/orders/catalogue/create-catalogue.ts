import { defineEvent } from '@onsale/contracts/ticket-event/define-event';
import type {
  EventCancellation,
  EventCatalogue,
  PublishedEvent,
} from '@onsale/contracts/sale/published-event';
import { SeatMap } from '@onsale/contracts/sale/seat-map';
import type { TicketEvent } from '@onsale/contracts/ticket-event/ticket-event';
import { ApiError } from '@onsale/platform/http/api-error';
import type { RedisClient } from '@onsale/platform/redis';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { Gauge, type Registry } from 'prom-client';
import { allEvents, createEventCache, oneEvent, type EventCache } from './event-cache.ts';
import { storeTicketEvent } from './publish-event.ts';
import { storeCancellation } from './store-cancellation.ts';
import { validateTicketEvent } from './validate-ticket-event.ts';

export type PublishOutcome =
  | { readonly outcome: 'created' | 'updated' | 'unchanged'; readonly published: PublishedEvent }
  | { readonly outcome: 'invalid'; readonly problems: readonly string[] }
  /** `field` is the path of the first field that may not change any more. */
  | { readonly outcome: 'immutable'; readonly field: string }
  | { readonly outcome: 'not-home'; readonly homeRegion: string };

export type CancelEventOutcome =
  | {
      readonly outcome: 'cancelled' | 'already-cancelled';
      readonly cancellation: EventCancellation;
    }
  | { readonly outcome: 'unknown-event' };

export interface Catalogue extends EventCatalogue {
  /** What the events API reads through; whoever changes an event's row or stock evicts here. */
  readonly cache: EventCache;
  /** What `find` would answer from memory; undefined where it would ask PostgreSQL. */
  known(eventId: string): PublishedEvent | undefined;
  /** By the number existing clients use; from memory. */
  findByNumber(number: number): Promise<PublishedEvent | undefined>;
  /** The TicketEvents as published, by number; from memory. */
  ticketEvents(): Promise<readonly TicketEvent[]>;
  /**
   * Publishes a TicketEvent, or changes what may change of a published one; idempotent. Takes any document and names
   * everything wrong with it. Rejects while PostgreSQL is away.
   */
  publishEvent(document: unknown): Promise<PublishOutcome>;
  /**
   * Cancels an event for good; durable when it resolves, and known to every process within two seconds. Repeating it
   * changes nothing, the reason neither. What follows from it is the sweeper's. Rejects while PostgreSQL is away.
   */
  cancelEvent(eventId: string, reason: string): Promise<CancelEventOutcome>;
  /** Reads PostgreSQL now, for a caller that knows that memory is behind. */
  refresh(): Promise<void>;
  /** Ends the background reading. */
  stop(): void;
}

export interface CatalogueDeps {
  readonly pool: Pool;
  readonly redis: RedisClient;
  /** Where this process runs; only events at home here, or `local` ones, are published. */
  readonly region: string;
  readonly registry: Registry;
  readonly logger: Logger;
  /** For tests. */
  readonly maxStaleMs?: number;
  /** For tests. */
  readonly refreshEveryMs?: number;
}

interface Entry {
  readonly revision: number;
  readonly ticketEvent: TicketEvent;
  readonly published: PublishedEvent;
}

interface EventRow {
  readonly number: number;
  readonly revision: number;
  readonly ticket_event: TicketEvent | null;
  readonly cancelled_at: Date | null;
  readonly cancellation_reason: string | null;
}

/** With PostgreSQL away a sale goes on by what memory knows; after this long that is no longer worth much. */
const tenMinutesMs = 600_000;

/** Unknown events make PostgreSQL be asked no more often than this, whoever asks for them. */
const missAgeMs = 100;

/**
 * Makes the catalogue. After its first read it answers from memory, which is read anew every second in the background:
 * a request never waits for PostgreSQL, and without PostgreSQL memory serves for ten minutes.
 */
export function createCatalogue(deps: CatalogueDeps): Catalogue {
  const { pool, region, registry, logger } = deps;
  const { maxStaleMs = tenMinutesMs, refreshEveryMs = 1000 } = deps;
  const cache = createEventCache({ ...deps, databaseName: databaseNameOf(pool) });
  let byNumber = new Map<number, Entry>();
  let byId = new Map<string, Entry>();
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let failing = false;
  const invalidRevisions = new Map<number, number>();

  new Gauge({
    name: 'onsale_catalogue_age_seconds',
    help: 'Time since the published events were last read from PostgreSQL',
    registers: [registry],
    collect() {
      if (Number.isFinite(readAt)) this.set((performance.now() - readAt) / 1000);
    },
  });

  const read = async () => {
    const startedAt = performance.now();
    const known = [...byNumber.values()];
    // One round trip: the number of every event, the document only of those that are new or changed.
    const { rows } = await pool.query<EventRow>(
      `select e.number, e.revision, e.cancelled_at, e.cancellation_reason,
              case when known.revision is distinct from e.revision then e.ticket_event end as ticket_event
       from events e
       left join unnest($1::bigint[], $2::bigint[]) as known (number, revision) on known.number = e.number
       where e.ticket_event is not null
       order by e.number`,
      [known.map((entry) => entry.published.number), known.map((entry) => entry.revision)],
    );
    const entries = rows.flatMap((row) => {
      const { number, ticket_event } = row;
      const entry = ticket_event ? define(row, ticket_event) : byNumber.get(number);
      return entry ? [entry] : [];
    });
    byNumber = new Map(entries.map((entry) => [entry.published.number, entry]));
    byId = new Map(entries.map((entry) => [entry.published.event.eventId, entry]));
    readAt = startedAt;
    if (failing) logger.info({ event: 'catalogue_recovered' }, 'Published events are read again');
    failing = false;
  };

  const define = (row: EventRow, ticketEvent: TicketEvent): Entry | undefined => {
    const { number, revision } = row;
    const defined = defineEvent(ticketEvent);
    if (defined.outcome === 'invalid') {
      // One event an older or newer version wrote must not take all others off sale.
      const { problems } = defined;
      if (invalidRevisions.get(number) !== revision) {
        logger.error({ event: 'catalogue_entry_invalid', number, problems }, 'A stored event is not valid');
      }
      invalidRevisions.set(number, revision);
      return byNumber.get(number);
    }
    const published = {
      event: defined.event,
      seatMap: new SeatMap(defined.event.sections),
      number,
      cancellation: cancellationOf(row),
    };
    return { revision, ticketEvent, published };
  };

  const schedule = () => {
    if (stopped) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      refresh().catch((err: unknown) => {
        if (!failing) {
          logger.warn(
            { event: 'catalogue_stale', err, servesForSeconds: maxStaleMs / 1000 },
            'PostgreSQL does not answer; published events are served from memory',
          );
        }
        failing = true;
      });
    }, refreshEveryMs);
    timer.unref();
  };

  const refresh = () => {
    reading ??= read().finally(() => {
      reading = undefined;
      schedule();
    });
    return reading;
  };

  /** What was written before the call is in memory after it: joins no read that had already begun. */
  const refreshAfterWrite = async () => {
    await reading?.catch(() => undefined);
    await refresh();
  };

  const isCurrent = () => performance.now() - readAt <= maxStaleMs;
  const current = async () => {
    if (isCurrent()) return;
    try {
      await refresh();
    } catch (cause) {
      throw new ApiError('unavailable', 'The published events cannot be read; try again', { cause });
    }
  };

  /** An unknown event may have been published through another process just now. */
  const lookAgain = async () => {
    if (performance.now() - readAt > missAgeMs) await refreshAfterWrite().catch(() => undefined);
  };

  return {
    cache,
    async find(eventId) {
      if (!isCurrent()) await current();
      if (!byId.has(eventId)) await lookAgain();
      return byId.get(eventId)?.published;
    },
    known: (eventId) => (isCurrent() ? byId.get(eventId)?.published : undefined),
    async list() {
      await current();
      return [...byNumber.values()].map((entry) => entry.published);
    },
    async findByNumber(number) {
      await current();
      if (!byNumber.has(number)) await lookAgain();
      return byNumber.get(number)?.published;
    },
    async ticketEvents() {
      await current();
      return [...byNumber.values()].map((entry) => entry.ticketEvent);
    },
    async publishEvent(document) {
      const validated = validateTicketEvent(document);
      if (validated.outcome === 'invalid') return validated;
      const { ticketEvent, event } = validated;
      if (event.homeRegion !== 'local' && event.homeRegion !== region) {
        return { outcome: 'not-home', homeRegion: event.homeRegion };
      }
      const stored = await storeTicketEvent(pool, ticketEvent, event);
      if (stored.outcome === 'immutable') return stored;
      await refreshAfterWrite();
      const published = byId.get(event.eventId)?.published;
      if (!published) throw new Error(`Event ${event.eventId} was deleted while it was published`);
      if (stored.outcome !== 'unchanged') {
        await cache.evict(allEvents, oneEvent(published.number));
        const { eventId } = event;
        logger.info({ event: 'ticket_event_published', eventId, outcome: stored.outcome }, 'Published');
      }
      return { outcome: stored.outcome, published };
    },
    async cancelEvent(eventId, reason) {
      const outcome = await storeCancellation(pool, eventId, reason);
      if (outcome === 'unknown-event') return { outcome };
      await refreshAfterWrite();
      const published = byId.get(eventId);
      if (!published?.published.cancellation) throw new Error(`Event ${eventId} was deleted while cancelled`);
      const { number, cancellation } = published.published;
      await cache.evict(allEvents, oneEvent(number));
      if (outcome === 'cancelled') logger.warn({ event: 'event_cancelled', eventId }, 'Cancelled for good');
      return { outcome, cancellation };
    },
    refresh: refreshAfterWrite,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

function cancellationOf({ cancelled_at, cancellation_reason }: EventRow): EventCancellation | undefined {
  if (!cancelled_at) return undefined;
  return { atMs: cancelled_at.getTime(), reason: cancellation_reason ?? '' };
}

function databaseNameOf({ options }: Pool): string {
  return options.database ?? new URL(options.connectionString ?? 'postgres://localhost/').pathname.slice(1);
}
