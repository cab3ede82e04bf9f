import { setTimeout as delay } from 'node:timers/promises';
import { asUnavailable } from '@onsale/platform/engine-errors';
import pg, { type Pool, type PoolClient } from 'pg';
import { connect } from './connect.ts';

/** Unique violation, serialization failure, deadlock: someone else was faster, and a second look shows what they did. */
const conflicts = new Set(['23505', '40001', '40P01']);
const maxAttempts = 6;

/**
 * Runs `work` in a transaction; when it collides with another one it is rolled back and run again, so `work` reads
 * everything it decides by and has no effect outside the transaction. Statements that are made without waiting in between go
 * out together; they are run in their order, and behind one that failed all fail. Rejects with ApiError `unavailable` while
 * PostgreSQL is away: what was written is then unknown, and the caller's idempotency covers a repetition.
 */
export async function inTransaction<Result>(
  pool: Pool,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(pool, work);
    } catch (error) {
      const conflict = error instanceof pg.DatabaseError && conflicts.has(error.code ?? '');
      if (!conflict || attempt === maxAttempts) throw asUnavailable(error) ?? error;
      await delay(Math.random() * 5 * attempt);
    }
  }
}

async function once<Result>(pool: Pool, work: (client: PoolClient) => Promise<Result>): Promise<Result> {
  const client = await connect(pool);
  try {
    // Waited for: what went out behind a beginning that failed would be in no transaction.
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    client.release();
    return result;
  } catch (error) {
    const rolledBack =
      error instanceof pg.DatabaseError &&
      (await client.query('rollback').then(
        () => true,
        () => false,
      ));
    client.release(!rolledBack);
    throw error;
  }
}
