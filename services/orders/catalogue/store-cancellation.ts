import { asUnavailable } from '@onsale/platform/engine-errors';
import type { Pool } from 'pg';

/**
 * Marks a published event cancelled; the first mark stays. The revision goes up with it, so that every process reads the
 * event anew.
 */
export async function storeCancellation(
  pool: Pool,
  eventId: string,
  reason: string,
): Promise<'cancelled' | 'already-cancelled' | 'unknown-event'> {
  try {
    const { rowCount } = await pool.query(
      `update events
       set cancelled_at = now(), cancellation_reason = $2, revision = revision + 1, updated_at = now()
       where event_id = $1 and ticket_event is not null and cancelled_at is null`,
      [eventId, reason],
    );
    if (rowCount === 1) return 'cancelled';
    const { rowCount: known } = await pool.query(
      'select from events where event_id = $1 and ticket_event is not null',
      [eventId],
    );
    return known === 1 ? 'already-cancelled' : 'unknown-event';
  } catch (error) {
    throw asUnavailable(error) ?? error;
  }
}
