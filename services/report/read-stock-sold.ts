import type { PoolClient } from 'pg';
import { epochMs } from './epoch-ms.ts';
import type { ReservationRecord } from './stock-data.ts';

/** A sale's stock and the reservations that took of it; nothing of either when nobody asked for a ticket yet. */
export async function readStockSold(client: PoolClient, saleId: string, buyerOf: (userId: string) => string) {
  const { rows: stock } = await client.query<{ capacity: number; sold: number }>(
    'select capacity, sold from stock where sale_id = $1',
    [saleId],
  );
  const { rows } = await client.query<Omit<ReservationRecord, 'buyer'> & { userId: string }>(
    `select id, user_id as "userId", quantity, status, ${epochMs('created_at')} as "createdAtMs",
       ${epochMs('cancelled_at')} as "cancelledAtMs"
     from reservations where sale_id = $1 order by id`,
    [saleId],
  );
  return {
    stock: stock[0],
    reservations: rows.map(
      ({ userId, ...reservation }): ReservationRecord => ({ ...reservation, buyer: buyerOf(userId) }),
    ),
  };
}
