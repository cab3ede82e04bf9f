import { randomBytes } from 'node:crypto';
import { asUnavailable } from '@onsale/platform/engine-errors';
import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '../transaction.ts';

/** What has to end before a buyer's data can be erased. */
export interface UnderWay {
  readonly orders: number;
  /** Money that is going back and has not arrived. */
  readonly refunds: number;
}

/** An erasure PostgreSQL has carried out; the other stores follow, then `finishErasure`. */
export interface Erasure {
  readonly pseudonym: string;
  /** Live tickets: their seats' holds in Redis still name the buyer. */
  readonly seats: readonly { readonly saleId: string; readonly seatIds: readonly string[] }[];
  /** Sales the buyer has had an intent in. */
  readonly saleIds: readonly string[];
  readonly commitKeys: readonly string[];
  /** Rows under the pseudonym now, and rows that are gone. */
  readonly kept: { readonly orders: number; readonly intents: number; readonly reservations: number };
  readonly removed: { readonly intents: number };
}

export type EraseOutcome =
  | ({ readonly outcome: 'erased' } & Erasure)
  | ({ readonly outcome: 'under-way' } & UnderWay);

/**
 * Replaces a userId by a pseudonym wherever accounts have to be kept, and removes intents nobody ever paid or ordered by. A
 * repeated call goes on with the pseudonym of one that was not finished. Keys and hashes of what clients sent change with
 * it: repeating such a request is refused from then on.
 */
export async function eraseBuyer(pool: Pool, userId: string): Promise<EraseOutcome> {
  return await inTransaction(pool, async (client) => {
    // Before anything is looked at: no order or capture of these intents changes until the end.
    await client.query(
      'select from payment_intents where user_id = $1 order by intent_id for no key update',
      [userId],
    );
    const underWay = await readUnderWay(client, userId);
    if (underWay.orders + underWay.refunds > 0) return { outcome: 'under-way', ...underWay };
    const commitKeys = await readCommitKeys(client, userId);
    const pseudonym = await takePseudonym(client, userId);
    const removed = { intents: await removeUnusedIntents(client, userId) };
    await rename(client, userId, pseudonym);
    return { outcome: 'erased', pseudonym, commitKeys, removed, ...(await readKept(client, pseudonym)) };
  });
}

/** Records that all stores have forgotten the userId, and forgets it here too. */
export async function finishErasure(pool: Pool, pseudonym: string): Promise<void> {
  try {
    await pool.query(
      'update erasures set user_id = null, finished_at = now() where pseudonym = $1 and finished_at is null',
      [pseudonym],
    );
  } catch (error) {
    throw asUnavailable(error) ?? error;
  }
}

async function readUnderWay(client: PoolClient, userId: string): Promise<UnderWay> {
  const { rows } = await client.query<UnderWay>(
    `select
       -- An order that is due has ended and Redis or DynamoDB may not know.
       (select count(*) from orders where user_id = $1
          and (status not in ('CONFIRMED', 'REJECTED', 'CANCELLED') or due_at is not null)) as orders,
       (select count(*) from refunds r join payment_intents i using (intent_id)
          where i.user_id = $1 and r.refunded_at is null) as refunds`,
    [userId],
  );
  return rows[0]!;
}

async function readCommitKeys(client: PoolClient, userId: string): Promise<string[]> {
  const { rows } = await client.query<{ idem: string }>(
    'select idem from commit_keys where user_id = $1 union select idem from orders where user_id = $1',
    [userId],
  );
  return rows.map((row) => row.idem);
}

async function takePseudonym(client: PoolClient, userId: string): Promise<string> {
  await client.query('insert into erasures (pseudonym, user_id) values ($1, $2) on conflict do nothing', [
    `erased§${randomBytes(16).toString('hex')}`,
    userId,
  ]);
  const { rows } = await client.query<{ pseudonym: string }>(
    'select pseudonym from erasures where user_id = $1',
    [userId],
  );
  return rows[0]!.pseudonym;
}

async function removeUnusedIntents(client: PoolClient, userId: string): Promise<number> {
  const { rows } = await client.query<{ intent_id: string }>(
    `select i.intent_id from payment_intents i where i.user_id = $1
       and not exists (select from orders o where o.intent_id = i.intent_id)
       and not exists (select from captures c where c.intent_id = i.intent_id)`,
    [userId],
  );
  const intentIds = rows.map((row) => row.intent_id);
  for (const table of ['payments_to_open', 'failed_payments', 'payment_intents']) {
    await client.query(`delete from ${table} where intent_id = any ($1::text[])`, [intentIds]);
  }
  return intentIds.length;
}

async function rename(client: PoolClient, userId: string, pseudonym: string): Promise<void> {
  const names = [userId, pseudonym];
  // A key is the client's own choice and may be made of the userId; what it was a hash of contains it.
  await client.query(
    `update payment_intents set user_id = $2, idempotency_key = replace(idempotency_key, $1, $2), body_hash = ''
     where user_id = $1`,
    names,
  );
  await client.query(
    'update orders set user_id = $2, idem = replace(idem, $1, $2) where user_id = $1',
    names,
  );
  await client.query(
    "update commit_keys set user_id = $2, idem = replace(idem, $1, $2), body_hash = '' where user_id = $1",
    names,
  );
  await client.query(
    `update reservations set user_id = $2, idempotency_key = replace(idempotency_key, $1, $2)
     where user_id = $1`,
    names,
  );
}

async function readKept(client: PoolClient, pseudonym: string) {
  const counts = await client.query<Erasure['kept']>(
    `select
       (select count(*) from orders where user_id = $1) as orders,
       (select count(*) from payment_intents where user_id = $1) as intents,
       (select count(*) from reservations where user_id = $1) as reservations`,
    [pseudonym],
  );
  const seats = await client.query<{ saleId: string; seatIds: string[] }>(
    `select t.sale_id as "saleId", array_agg(t.seat_id) as "seatIds"
     from tickets t join orders o using (order_id)
     where o.user_id = $1 and t.status = 'VALID' group by t.sale_id`,
    [pseudonym],
  );
  const sales = await client.query<{ sale_id: string }>(
    'select distinct sale_id from payment_intents where user_id = $1',
    [pseudonym],
  );
  return { kept: counts.rows[0]!, seats: seats.rows, saleIds: sales.rows.map((row) => row.sale_id) };
}
