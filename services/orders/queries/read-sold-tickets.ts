import type { Pool } from 'pg';

export interface SoldTicket {
  readonly seatId: string;
  readonly userId: string;
  readonly orderId: string;
}

/** All live tickets of a sale: what the inventory has to show as sold after it lost its memory. */
export async function readSoldTickets(pool: Pool, saleId: string): Promise<SoldTicket[]> {
  const { rows } = await pool.query<{ seat_id: string; user_id: string; order_id: string }>(
    `select t.seat_id, o.user_id, t.order_id
     from tickets t join orders o using (order_id)
     where t.sale_id = $1 and t.status = 'VALID'`,
    [saleId],
  );
  return rows.map((row) => ({ seatId: row.seat_id, userId: row.user_id, orderId: row.order_id }));
}
