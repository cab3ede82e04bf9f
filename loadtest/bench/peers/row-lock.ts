import pg from 'pg';
import { holdMs, type Peer, type PeerStores } from './peer.ts';

/** As many as a service of ours opens. */
const connections = 10;

/** One row for each seat: SELECT … FOR UPDATE, look, UPDATE, in a transaction. */
export function createRowLockPeer({ postgresUrl }: PeerStores): Peer {
  const pool = new pg.Pool({ connectionString: postgresUrl, max: connections });
  return {
    async open(eventId, seatIds) {
      await pool.query(
        `create table if not exists peer_seats (
           event_id text, seat_id text, user_id text, until timestamptz, primary key (event_id, seat_id))`,
      );
      await pool.query(
        'insert into peer_seats (event_id, seat_id) select $1, unnest($2::text[]) on conflict do nothing',
        [eventId, seatIds],
      );
    },
    async hold(eventId, seatId, userId) {
      const client = await pool.connect();
      try {
        await client.query('begin');
        const { rows } = await client.query<{ taken: boolean }>({
          name: 'lock-seat',
          text: `select coalesce(until > now(), false) as taken from peer_seats
                 where event_id = $1 and seat_id = $2 for update`,
          values: [eventId, seatId],
        });
        if (rows[0]?.taken !== false) {
          await client.query('rollback');
          return 'taken';
        }
        await client.query({
          name: 'take-seat',
          text: `update peer_seats set user_id = $3, until = now() + $4 * interval '1 millisecond'
                 where event_id = $1 and seat_id = $2`,
          values: [eventId, seatId, userId, holdMs],
        });
        await client.query('commit');
        return 'held';
      } finally {
        client.release();
      }
    },
  };
}
