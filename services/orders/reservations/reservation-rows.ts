import type { Pool } from 'pg';
import type { Reservation } from './reservation.ts';

/** Reads a reservation; undefined when there is none. */
export async function selectReservation(pool: Pool, id: number): Promise<Reservation | undefined> {
  const { rows } = await pool.query<Row>(`${selectReservations} where r.id = $1`, [id]);
  return rows[0] && reservationOf(rows[0]);
}

/** Reads the reservation made with that Idempotency-Key. */
export async function selectReservationByKey(pool: Pool, key: string): Promise<Reservation | undefined> {
  const { rows } = await pool.query<Row>(`${selectReservations} where r.idempotency_key = $1`, [key]);
  return rows[0] && reservationOf(rows[0]);
}

/** Reads a buyer's reservations, newest first, at most `limit`. */
export async function selectReservationsOf(
  pool: Pool,
  userId: string,
  limit: number,
): Promise<Reservation[]> {
  const { rows } = await pool.query<Row>(
    `${selectReservations} where r.user_id = $1 order by r.id desc limit $2`,
    [userId, limit],
  );
  return rows.map(reservationOf);
}

/**
 * Cancels and gives the stock back, in one statement. True for the one call that did it: of several at once all others
 * wait for its row and then find it cancelled. Not what somebody came in with, at a gate that may be asking at this moment.
 */
export async function cancelReservation(pool: Pool, id: number): Promise<boolean> {
  const { rows } = await pool.query<{ cancelled: number }>(
    `with cancelled as (
       update reservations set status = 'CANCELLED', cancelled_at = now()
       where id = $1 and status = 'CONFIRMED' and entered_at is null
       returning sale_id, quantity
     ), returned as (
       update stock set sold = stock.sold - cancelled.quantity
       from cancelled where stock.sale_id = cancelled.sale_id
       returning stock.sale_id
     )
     select count(*) as cancelled from returned`,
    [id],
  );
  return rows[0]?.cancelled === 1;
}

interface Row {
  id: number;
  event_number: number;
  user_id: string;
  quantity: number;
  status: Reservation['status'];
  created_at: Date;
}

const selectReservations = `
  select r.id, s.event_number, r.user_id, r.quantity, r.status, r.created_at
  from reservations r join stock s on s.sale_id = r.sale_id`;

function reservationOf(row: Row): Reservation {
  return {
    id: row.id,
    eventNumber: row.event_number,
    userId: row.user_id,
    quantity: row.quantity,
    status: row.status,
    createdAt: row.created_at,
  };
}
