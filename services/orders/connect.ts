import pg, { type Pool, type PoolClient, type QueryConfig, type QueryResultRow } from 'pg';

/**
 * Everything here looks up a few rows by key. PostgreSQL plans a statement while a table is small, keeps the plan, and goes
 * on reading the whole table while a sale makes it grow by thousands of rows a second: measured, seven million rows read
 * for six thousand orders. So plans that read whole tables are ruled out, and compiling plans, which only pays for those.
 */
const planByKey =
  'set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set jit = off';

const planning = new WeakSet<PoolClient>();

/** Takes a connection of the pool that plans by key; the first to take it sets that, once per connection. */
export async function connect(pool: Pool): Promise<PoolClient> {
  const client = await pool.connect();
  if (planning.has(client)) return client;
  try {
    await client.query(planByKey);
  } catch (error) {
    client.release(true);
    throw error;
  }
  planning.add(client);
  return client;
}

/** Runs one statement on a connection that plans by key, and returns its rows. */
export async function queryRows<Row extends QueryResultRow>(pool: Pool, query: QueryConfig): Promise<Row[]> {
  const client = await connect(pool);
  try {
    const { rows } = await client.query<Row>(query);
    client.release();
    return rows;
  } catch (error) {
    // A statement that timed out on our side may still be running there: only the server's own errors leave the
    // connection usable.
    client.release(!(error instanceof pg.DatabaseError));
    throw error;
  }
}
