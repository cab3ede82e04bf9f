import { asUnavailable } from '@onsale/platform/engine-errors';
import type { Pool } from 'pg';

/** All rows of PostgreSQL that are about one buyer, by table; columns under their own names. */
export type BuyerRecords = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

/** Each table's rows of the buyer $1. Whole rows: a column that is added later is exported without a thought. */
const rowsOf = {
  payment_intents: 'from payment_intents r where r.user_id = $1 order by r.created_at, r.intent_id',
  payments_to_open: `from payments_to_open r join payment_intents i using (intent_id) where i.user_id = $1
    order by r.intent_id`,
  failed_payments: `from failed_payments r join payment_intents i using (intent_id) where i.user_id = $1
    order by r.failed_at, r.payment_id`,
  captures: `from captures r join payment_intents i using (intent_id) where i.user_id = $1
    order by r.captured_at, r.payment_id`,
  refunds: `from refunds r join payment_intents i using (intent_id) where i.user_id = $1
    order by r.created_at, r.refund_id`,
  orders: 'from orders r where r.user_id = $1 order by r.created_at, r.order_id',
  commit_keys: 'from commit_keys r where r.user_id = $1 order by r.created_at, r.idem',
  tickets: `from tickets r join orders o using (order_id) where o.user_id = $1 order by r.issued_at, r.ticket_id`,
  gate_entries: `from gate_entries r join tickets t using (ticket_id) join orders o using (order_id)
    where o.user_id = $1 order by r.entered_at, r.ticket_id`,
  reservations: 'from reservations r where r.user_id = $1 order by r.id',
};

const statement = `select json_build_object(${Object.entries(rowsOf)
  .map(
    ([table, rows]) =>
      `'${table}', (select coalesce(json_agg(one.row), '[]') from (select to_jsonb(r) as row ${rows}) one)`,
  )
  .join(', ')}) as records`;

/** Reads what PostgreSQL keeps of a buyer, as of one instant; reads tables whole where nothing else asks by buyer. */
export async function readBuyerRecords(pool: Pool, userId: string): Promise<BuyerRecords> {
  try {
    const { rows } = await pool.query<{ records: BuyerRecords }>(statement, [userId]);
    return rows[0]!.records;
  } catch (error) {
    throw asUnavailable(error) ?? error;
  }
}
