import type { PoolClient } from 'pg';
import type { ServingPiece } from '@onsale/waiting-room/serving';
import { epochMs } from './epoch-ms.ts';
import type { OrderRecord, PaymentRecord, RefundRecord, TicketRecord } from './report-data.ts';

interface RoomRow {
  seed_hash: string;
  seed: string;
  cohort: number | null;
  beacon: string | null;
  serving: ServingPiece[];
  entered: number;
}

/** A sale's waiting room as PostgreSQL has it, and its orders, tickets and money. Rejects when it had no waiting room. */
export async function readSeatsSold(client: PoolClient, saleId: string, buyerOf: (userId: string) => string) {
  return { room: await readRoom(client, saleId), records: await readRecords(client, saleId, buyerOf) };
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

async function readRecords(client: PoolClient, saleId: string, buyerOf: (userId: string) => string) {
  const query = async <Row extends object>(text: string) => (await client.query<Row>(text, [saleId])).rows;
  const orders = await query<Omit<OrderRecord, 'buyer'> & { userId: string }>(
    `select order_id as "orderId", intent_id as "intentId", user_id as "userId", status, reason, seat_ids as "seatIds",
       amount_minor as "amountMinor", ${epochMs('created_at')} as "createdAtMs"
     from orders where sale_id = $1 and not alone order by order_id`,
  );
  const tickets = await query<TicketRecord>(
    `select t.ticket_id as "ticketId", t.order_id as "orderId", t.seat_id as "seatId", t.price_minor as "priceMinor",
       t.status, ${epochMs('t.issued_at')} as "issuedAtMs", ${epochMs('t.cancelled_at')} as "cancelledAtMs",
       ${epochMs('g.entered_at')} as "enteredAtMs"
     from tickets t left join gate_entries g using (ticket_id) where t.sale_id = $1 order by t.ticket_id`,
  );
  const payments = await query<PaymentRecord>(
    `select c.payment_id as "paymentId", c.intent_id as "intentId", c.amount_minor as "amountMinor", c.pays,
       ${epochMs('c.captured_at')} as "capturedAtMs"
     from captures c join payment_intents i using (intent_id) where i.sale_id = $1 order by c.payment_id`,
  );
  const refunds = await query<RefundRecord>(
    `select r.refund_id as "refundId", r.payment_id as "paymentId", r.amount_minor as "amountMinor", r.reason,
       ${epochMs('r.refunded_at')} as "refundedAtMs"
     from refunds r join payment_intents i using (intent_id) where i.sale_id = $1 order by r.refund_id`,
  );
  return {
    orders: orders.map(({ userId, ...order }): OrderRecord => ({ ...order, buyer: buyerOf(userId) })),
    tickets,
    payments,
    refunds,
  };
}
