import type { Pool } from 'pg';

/** Those of these intents whose order is confirmed, rejected or cancelled: nothing is being committed for them any more. */
export async function readEndedIntents(pool: Pool, intentIds: readonly string[]): Promise<string[]> {
  const { rows } = await pool.query<{ intent_id: string }>(
    `select intent_id from orders
     where intent_id = any ($1::text[]) and not alone and status in ('CONFIRMED', 'REJECTED', 'CANCELLED')`,
    [intentIds],
  );
  return rows.map((row) => row.intent_id);
}
