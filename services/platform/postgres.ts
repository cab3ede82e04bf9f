import pg from 'pg';
import type { Logger } from 'pino';

export interface PostgresSettings {
  /** `postgres://` address. */
  readonly url: string;
  readonly maxConnections: number;
  readonly applicationName: string;
}

// bigint columns hold counts and minor units, all far below 2^53: numbers, not strings.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/**
 * A pool whose broken idle connections are logged and replaced, never thrown; statements that hang are cut. A statement
 * the server merely refused, such as one against a unique constraint, costs no connection.
 */
export function createPostgres(settings: PostgresSettings, logger: Logger): pg.Pool {
  const pool = new KeepingPool({
    connectionString: settings.url,
    max: settings.maxConnections,
    application_name: settings.applicationName,
    connectionTimeoutMillis: 2000,
    idleTimeoutMillis: 60_000,
    // After a failover the name leads elsewhere; connections follow within the hour without being noticed broken.
    maxLifetimeSeconds: 3600,
    statement_timeout: 5000,
    idle_in_transaction_session_timeout: 10_000,
    query_timeout: 6000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5000,
    // A statement need not wait for the answer to the one before it on its connection.
    pipeline: true,
  });
  // A connection that breaks while it is taken out, between two statements of a transaction, tells nobody: without a
  // listener of its own that ends the process. The next statement on it fails, which is all that is needed.
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
  });
  pool.on('error', (error) => {
    logger.warn({ event: 'postgres_error', err: error }, 'PostgreSQL connection lost');
  });
  return pool;
}

/** SQLSTATEs after which a connection is of no use: broken, shutting down, or to a writer that was demoted. */
const lostStates = /^(08...|57P..|58...|25006)$/;

/**
 * node-postgres closes a connection after any error of `pool.query`, a duplicate key too: a new one costs the server a
 * process and us some milliseconds. Here only errors that say the connection or its server is gone do that.
 */
class KeepingPool extends pg.Pool {
  // The overloads of the base class are kept; all of our calls await a promise.
  override query: pg.Pool['query'] = (async (...statement: [string, unknown[]]) => {
    const client = await this.connect();
    let lost: Error | undefined;
    // Without a listener a connection that breaks between two answers would end the process.
    const onError = (error: Error) => {
      lost = error;
    };
    client.on('error', onError);
    try {
      return await client.query(...statement);
    } catch (error) {
      const isRefusal = error instanceof pg.DatabaseError && !lostStates.test(error.code ?? '');
      if (!isRefusal) lost = error as Error;
      throw error;
    } finally {
      client.off('error', onError);
      client.release(lost);
    }
  }) as never;
}
