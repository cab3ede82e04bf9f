import type { EventView as EventViewSchema } from '@onsale/contracts/http/api-routes';
import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import { currentSale, saleState } from '@onsale/contracts/sale/sale-window';
import type { Clock } from '@onsale/platform/clock';
import { createSingleFlightCache } from '@onsale/platform/single-flight-cache';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Static } from 'typebox';
import type { Catalogue } from './create-catalogue.ts';
import { createdEventNumber, insertCreatedEvent } from './created-event.ts';
import { allEvents, oneEvent } from './event-cache.ts';
import { formatEventDate, isTimeZone, parseEventDate } from './event-date.ts';
import { selectEventDocuments, type EventDocument } from './event-document.ts';

export type EventView = Static<typeof EventViewSchema>;

/** A general-admission event as `/api/events` is asked to create it. */
export interface NewEvent {
  readonly eventName: string;
  readonly totalSeats: number;
  /** ISO 8601; without an offset in {@link timeZone}. */
  readonly eventDate: string;
  readonly timeZone: string;
  readonly priceMinor: number;
}

export type CreateEventOutcome =
  | { readonly outcome: 'created'; readonly event: EventView }
  | { readonly outcome: 'invalid'; readonly problem: string };

/** All events, published and created, as the events API shows them. */
export interface EventListing {
  /** Soonest first. */
  list(): Promise<EventView[]>;
  /** By number or name, as it stands in a path. */
  get(key: string): Promise<EventView | undefined>;
  create(event: NewEvent): Promise<CreateEventOutcome>;
}

export interface EventListingDeps {
  readonly pool: Pool;
  readonly catalogue: Catalogue;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Free seats of a seated event's current sale; may reject while the inventory is away. */
  readonly freeSeats: (published: PublishedEvent) => Promise<number>;
  /** The address under which a Region sells; empty for the one that answers. */
  readonly apiBaseOf: (homeRegion: string) => string;
  /** Home of the events created here. */
  readonly region: string;
  readonly registry: Registry;
  readonly logger: Logger;
}

/** Created events are priced in the currency a TicketEvent has by default. */
const createdCurrency = 'KRW';

/** Seats change without the events API being told: their count is this old at most. */
const freeSeatsTtlMs = 1000;
/** While the inventory is away, the last count serves this long. */
const freeSeatsStaleMs = 600_000;

/**
 * Makes the {@link EventListing}. Rows and stock come cache-aside from Redis, else PostgreSQL; the sale's times from the
 * catalogue and its state from the clock, so a cached document is never late for an opening.
 */
export function createEventListing(deps: EventListingDeps): EventListing {
  const { pool, catalogue, clock, apiBaseOf, region, registry, logger } = deps;
  const seatCounts = createSingleFlightCache<PublishedEvent, number>({
    name: 'free-seats',
    ttlMs: freeSeatsTtlMs,
    staleOnErrorMs: freeSeatsStaleMs,
    maxEntries: 1000,
    load: deps.freeSeats,
    registry,
  });
  // Without its inventory an event cannot be sold from either, so a number too low misleads nobody.
  const freeSeats = (published: PublishedEvent) => seatCounts.get(published).catch(() => 0);

  const load = async (eventNumber?: number) =>
    selectEventDocuments(pool, await catalogue.list(), clock.nowMs(), eventNumber);

  const publishedEvent = async (eventNumber: number) => {
    const known = await catalogue.findByNumber(eventNumber);
    if (known) return known;
    // Published elsewhere a moment ago.
    await catalogue.refresh();
    return await catalogue.findByNumber(eventNumber);
  };

  const createdView = (document: EventDocument): EventView => {
    const capacity = document.capacity ?? 0;
    return {
      id: document.number,
      eventId: document.eventId,
      eventName: document.title,
      totalSeats: capacity,
      availableSeats: capacity - document.sold,
      eventDate: formatEventDate(document.startsAtMs ?? 0, document.timeZone),
      timeZone: document.timeZone,
      price: document.priceMinor,
      currency: createdCurrency,
      perBuyer: null,
      seated: false,
      sale: null,
      cancelledAt: null,
      apiBase: apiBaseOf(document.homeRegion),
    };
  };

  const view = async (document: EventDocument): Promise<EventView | undefined> => {
    if (!document.published) return createdView(document);
    const published = await publishedEvent(document.number);
    return published && (await publishedView(published, document));
  };

  const publishedView = async (published: PublishedEvent, document: EventDocument): Promise<EventView> => {
    const { event, seatMap, cancellation } = published;
    const nowMs = clock.nowMs();
    const sale = currentSale(event, nowMs);
    const stock = event.generalAdmission;
    // A document of the round before says nothing about this one, except that nobody has taken anything of it yet:
    // whoever does evicts the document.
    const sold = document.saleId === sale.saleId ? document.sold : 0;
    // A practice event has no date of its own; its round has.
    const dateMs = event.startsAtMs === Number.MAX_SAFE_INTEGER ? sale.opensAtMs : event.startsAtMs;
    return {
      id: published.number,
      eventId: event.eventId,
      eventName: event.title,
      totalSeats: stock ? stock.capacity : seatMap.seatCount,
      availableSeats: stock ? stock.capacity - sold : await freeSeats(published),
      eventDate: formatEventDate(dateMs, event.timeZone),
      timeZone: event.timeZone,
      price: stock ? stock.priceMinor : null,
      currency: event.currency,
      perBuyer: event.perBuyer,
      seated: !stock,
      sale: {
        saleId: sale.saleId,
        roomOpensAt: new Date(sale.roomOpensAtMs).toISOString(),
        opensAt: new Date(sale.opensAtMs).toISOString(),
        closesAt: new Date(sale.closesAtMs).toISOString(),
        state: saleState(sale, nowMs),
      },
      cancelledAt: cancellation ? new Date(cancellation.atMs).toISOString() : null,
      apiBase: apiBaseOf(event.homeRegion),
    };
  };

  const getByNumber = async (eventNumber: number) => {
    const document = await catalogue.cache.read(
      oneEvent(eventNumber),
      // Null and not undefined: that there is no such event is cached as well.
      async () => (await load(eventNumber))[0] ?? null,
    );
    return document ? await view(document) : undefined;
  };

  return {
    async list() {
      const documents = await catalogue.cache.read(allEvents, () => load());
      const views = await Promise.all(documents.map(view));
      return views.filter((one) => one !== undefined);
    },
    async get(key) {
      if (/^[1-9][0-9]{0,15}$/.test(key)) {
        const found = await getByNumber(Number(key));
        if (found) return found;
      }
      const eventNumber = (await catalogue.find(key))?.number ?? createdEventNumber(key);
      return eventNumber === undefined ? undefined : await getByNumber(eventNumber);
    },
    async create({ eventName, totalSeats, eventDate, timeZone, priceMinor }) {
      if (!isTimeZone(timeZone))
        return { outcome: 'invalid', problem: `timeZone: ${timeZone} is no time zone` };
      const startsAtMs = parseEventDate(eventDate, timeZone);
      if (startsAtMs === undefined) {
        return {
          outcome: 'invalid',
          problem: `eventDate: ${eventDate} is no date and time, as 2027-12-31T19:00:00`,
        };
      }
      const created = await insertCreatedEvent(pool, {
        title: eventName,
        homeRegion: region,
        timeZone,
        startsAtMs,
        capacity: totalSeats,
        priceMinor,
      });
      await catalogue.cache.evict(allEvents, oneEvent(created.number));
      const { number, eventId } = created;
      logger.info({ event: 'event_created', number, eventId }, 'Event created');
      const document = { ...created, published: false, saleId: `${eventId}.0`, sold: 0 };
      return { outcome: 'created', event: createdView(document) };
    },
  };
}
