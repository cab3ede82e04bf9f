import { createHmac, randomBytes } from 'node:crypto';
import type { EventDefinition } from '@onsale/contracts/sale/event-definition';
import { saleIdOf } from '@onsale/contracts/sale/sale-id';
import { latestOpenedSale, saleOfRound } from '@onsale/contracts/sale/sale-window';
import type { TicketEvent } from '@onsale/contracts/ticket-event/ticket-event';
import { defineEvent } from '@onsale/contracts/ticket-event/define-event';
import type { RedisClient } from '@onsale/platform/redis';
import { createDraw } from '@onsale/waiting-room/draw';
import { readPlaces } from '@onsale/waiting-room/read-places';
import type { Pool, PoolClient } from 'pg';
import { epochMs } from './epoch-ms.ts';
import { readSeatsSold } from './read-seats-sold.ts';
import { readStockSold } from './read-stock-sold.ts';
import { type Report, seatReport, stockReport } from './report-document.ts';
import type { StockFacts } from './stock-data.ts';

export interface SaleRequest {
  readonly eventId: string;
  /** Of a practice event; default the latest that opened. */
  readonly round: number | undefined;
  readonly nowMs: number;
}

interface EventRow {
  title: string;
  ticket_event: TicketEvent | null;
  capacity: number;
  price_minor: number;
  created_at_ms: number;
  starts_at_ms: number;
  cancelled_at: Date | null;
  cancellation_reason: string | null;
}

/**
 * Reads a sale for its report: PostgreSQL as of one instant, then the places from Redis. Buyers become pseudonyms by a salt
 * nobody keeps. Rejects, saying so, when the event is unknown or a sale of seats had no waiting room.
 */
export async function readSale(
  { pool, redis }: { readonly pool: Pool; readonly redis: RedisClient },
  request: SaleRequest,
): Promise<Report> {
  const salt = randomBytes(32);
  const buyerOf = (userId: string) => createHmac('sha256', salt).update(userId).digest('hex').slice(0, 32);

  const client = await pool.connect();
  try {
    await client.query('begin transaction isolation level repeatable read read only');
    const row = await readEvent(client, request.eventId);
    const event = row.ticket_event && definitionOf(row.ticket_event);
    if (!event || event.generalAdmission) {
      const facts = stockFacts(row, event, request);
      const { stock, reservations } = await readStockSold(client, facts.saleId, buyerOf);
      await client.query('commit');
      return stockReport(
        { ...facts, ...(stock && { capacity: stock.capacity, stockSold: stock.sold }) },
        { reservations },
      );
    }

    const { saleId, opensAtMs, closesAtMs } = saleOf(event, request);
    const { room, records } = await readSeatsSold(client, saleId, buyerOf);
    await client.query('commit');
    const { cohort, seed, beacon, serving, entered } = room;
    const draw = cohort === null ? undefined : createDraw({ seed, cohort, beacon: beacon ?? undefined });
    const places = (await readPlaces(redis, saleId)).map(({ joinIndex, userId, takenAtMs }) => ({
      joinIndex,
      place: draw?.placeOf(joinIndex) ?? joinIndex,
      buyer: buyerOf(userId),
      takenAtMs,
    }));
    return seatReport(
      {
        eventId: event.eventId,
        saleId,
        title: event.title,
        currency: event.currency,
        opensAtMs,
        closesAtMs,
        createdAtMs: request.nowMs,
        cancellation: cancellationOf(row),
        // Before the draw the seed is nobody's to know.
        draw: { seedHash: room.seed_hash, seed: draw ? seed : null, cohort, beacon },
        serving,
        entered,
      },
      { places, ...records },
    );
  } finally {
    // Ends the transaction too, where it failed.
    client.release(true);
  }
}

const saleOf = (event: EventDefinition, { round, nowMs }: SaleRequest) =>
  round === undefined ? latestOpenedSale(event, nowMs) : saleOfRound(event, round);

/** Of a published event of general admission, or of one created through the events API, which sells until it begins. */
function stockFacts(row: EventRow, event: EventDefinition | null, request: SaleRequest): StockFacts {
  const sale = event
    ? saleOf(event, request)
    : { saleId: saleIdOf(request.eventId, 0), opensAtMs: row.created_at_ms, closesAtMs: row.starts_at_ms };
  return {
    eventId: request.eventId,
    saleId: sale.saleId,
    title: row.title,
    currency: event?.currency ?? 'KRW',
    opensAtMs: sale.opensAtMs,
    closesAtMs: sale.closesAtMs,
    createdAtMs: request.nowMs,
    cancellation: cancellationOf(row),
    capacity: row.capacity,
    perBuyer: event?.perBuyer ?? null,
    priceMinor: row.price_minor,
    stockSold: 0,
  };
}

const cancellationOf = ({ cancelled_at: at, cancellation_reason: reason }: EventRow) =>
  at && { atMs: at.getTime(), reason: reason ?? '' };

async function readEvent(client: PoolClient, eventId: string): Promise<EventRow> {
  const { rows } = await client.query<EventRow>(
    `select title, ticket_event, capacity, price_minor, ${epochMs('created_at')} as created_at_ms,
       ${epochMs('starts_at')} as starts_at_ms, cancelled_at, cancellation_reason
     from events where event_id = $1`,
    [eventId],
  );
  const row = rows[0];
  if (!row) throw new Error(`No event ${eventId} is published`);
  return row;
}

function definitionOf(ticketEvent: TicketEvent): EventDefinition {
  const defined = defineEvent(ticketEvent);
  if (defined.outcome === 'invalid') {
    throw new Error(`${ticketEvent.spec.eventId}: ${defined.problems.join('; ')}`);
  }
  return defined.event;
}
