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

/** A pool whose broken idle connections are logged and replaced, never thrown; statements that hang are cut. */
export function createPostgres(settings: PostgresSettings, logger: Logger): pg.Pool {
  const pool = new pg.Pool({
    connectionString: settings.url,
    max: settings.maxConnections,
    application_name: settings.applicationName,
    connectionTimeoutMillis: 2000,
    idleTimeoutMillis: 60_000,
    statement_timeout: 5000,
    query_timeout: 6000,
    keepAlive: true,
  });
  pool.on('error', (error) => {
    logger.warn({ event: 'postgres_error', err: error }, 'PostgreSQL connection lost');
  });
  return pool;
}
