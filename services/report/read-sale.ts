import { createHmac, randomBytes } from 'node:crypto';
import type { TicketEvent } from '@onsale/contracts/ticket-event/ticket-event';
import { defineEvent } from '@onsale/contracts/ticket-event/define-event';
import { latestOpenedSale, saleOfRound } from '@onsale/contracts/sale/sale-window';
import type { RedisClient } from '@onsale/platform/redis';
import { createDraw } from '@onsale/waiting-room/draw';
import { readPlaces } from '@onsale/waiting-room/read-places';
import type { ServingPiece } from '@onsale/waiting-room/serving';
import type { Pool, PoolClient } from 'pg';
import type {
  OrderRecord,
  PaymentRecord,
  RefundRecord,
  ReportData,
  SaleFacts,
  TicketRecord,
} from './report-data.ts';

export interface SaleRequest {
  readonly eventId: string;
  /** Of a practice event; default the latest that opened. */
  readonly round: number | undefined;
  readonly nowMs: number;
}

interface EventRow {
  ticket_event: TicketEvent;
  cancelled_at: Date | null;
  cancellation_reason: string | null;
}

interface RoomRow {
  seed_hash: string;
  seed: string;
  cohort: number | null;
  beacon: string | null;
  serving: ServingPiece[];
  entered: number;
}

/**
 * Reads a sale for its report: PostgreSQL as of one instant, then the places from Redis. Buyers become pseudonyms by a salt
 * nobody keeps. Rejects, saying so, when the event is unknown or the sale had no waiting room.
 */
export async function readSale(
  { pool, redis }: { readonly pool: Pool; readonly redis: RedisClient },
  { eventId, round, nowMs }: SaleRequest,
): Promise<{ readonly facts: SaleFacts; readonly data: ReportData }> {
  const salt = randomBytes(32);
  const buyerOf = (userId: string) => createHmac('sha256', salt).update(userId).digest('hex').slice(0, 32);

  const client = await pool.connect();
  try {
    await client.query('begin transaction isolation level repeatable read read only');
    const event = await readEvent(client, eventId);
    const sale = round === undefined ? latestOpenedSale(event, nowMs) : saleOfRound(event, round);
    const { saleId } = sale;
    const room = await readRoom(client, saleId);
    const records = await readRecords(client, saleId, buyerOf);
    await client.query('commit');

    const { cohort, seed, beacon } = room;
    const draw = cohort === null ? undefined : createDraw({ seed, cohort, beacon: beacon ?? undefined });
    const places = (await readPlaces(redis, saleId)).map(({ joinIndex, userId, takenAtMs }) => ({
      joinIndex,
      place: draw?.placeOf(joinIndex) ?? joinIndex,
      buyer: buyerOf(userId),
      takenAtMs,
    }));
    const facts: SaleFacts = {
      eventId,
      saleId,
      title: event.title,
      currency: event.currency,
      opensAtMs: sale.opensAtMs,
      closesAtMs: sale.closesAtMs,
      createdAtMs: nowMs,
      cancellation: event.cancellation,
      // Before the draw the seed is nobody's to know.
      draw: { seedHash: room.seed_hash, seed: draw ? seed : null, cohort, beacon },
      serving: room.serving,
      entered: room.entered,
    };
    return { facts, data: { places, ...records } };
  } finally {
    // Ends the transaction too, where it failed.
    client.release(true);
  }
}

async function readEvent(client: PoolClient, eventId: string) {
  const { rows } = await client.query<EventRow>(
    'select ticket_event, cancelled_at, cancellation_reason from events where event_id = $1 and ticket_event is not null',
    [eventId],
  );
  const row = rows[0];
  if (!row) throw new Error(`No event ${eventId} is published`);
  const defined = defineEvent(row.ticket_event);
  if (defined.outcome === 'invalid') throw new Error(`${eventId}: ${defined.problems.join('; ')}`);
  if (defined.event.generalAdmission) {
    throw new Error(`${eventId} is general admission: it has no places, seats or payments to report`);
  }
  const { cancelled_at: at, cancellation_reason: reason } = row;
  return { ...defined.event, cancellation: at && { atMs: at.getTime(), reason: reason ?? '' } };
}

async function readRoom(client: PoolClient, saleId: string): Promise<RoomRow> {
  const { rows } = await client.query<RoomRow>(
    `select seed_hash, encode(seed, 'hex') as seed, cohort, beacon, serving, entered
     from waiting_rooms where sale_id = $1`,
    [saleId],
  );
  if (!rows[0]) throw new Error(`The sale ${saleId} has no waiting room: was it ever open?`);
  return rows[0];
}

const ms = (column: string) => `floor(extract(epoch from ${column}) * 1000)::bigint`;

async function readRecords(client: PoolClient, saleId: string, buyerOf: (userId: string) => string) {
  const query = async <Row extends object>(text: string) => (await client.query<Row>(text, [saleId])).rows;
  const orders = await query<Omit<OrderRecord, 'buyer'> & { userId: string }>(
    `select order_id as "orderId", intent_id as "intentId", user_id as "userId", status, reason, seat_ids as "seatIds",
       amount_minor as "amountMinor", ${ms('created_at')} as "createdAtMs"
     from orders where sale_id = $1 and not alone order by order_id`,
  );
  const tickets = await query<TicketRecord>(
    `select t.ticket_id as "ticketId", t.order_id as "orderId", t.seat_id as "seatId", t.price_minor as "priceMinor",
       t.status, ${ms('t.issued_at')} as "issuedAtMs", ${ms('t.cancelled_at')} as "cancelledAtMs",
       ${ms('g.entered_at')} as "enteredAtMs"
     from tickets t left join gate_entries g using (ticket_id) where t.sale_id = $1 order by t.ticket_id`,
  );
  const payments = await query<PaymentRecord>(
    `select c.payment_id as "paymentId", c.intent_id as "intentId", c.amount_minor as "amountMinor", c.pays,
       ${ms('c.captured_at')} as "capturedAtMs"
     from captures c join payment_intents i using (intent_id) where i.sale_id = $1 order by c.payment_id`,
  );
  const refunds = await query<RefundRecord>(
    `select r.refund_id as "refundId", r.payment_id as "paymentId", r.amount_minor as "amountMinor", r.reason,
       ${ms('r.refunded_at')} as "refundedAtMs"
     from refunds r join payment_intents i using (intent_id) where i.sale_id = $1 order by r.refund_id`,
  );
  return {
    orders: orders.map(({ userId, ...order }): OrderRecord => ({ ...order, buyer: buyerOf(userId) })),
    tickets,
    payments,
    refunds,
  };
}
