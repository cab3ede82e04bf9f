import { Client } from 'pg';
import type { Source } from './source.ts';

/** Client connections, and for how long the oldest commit on the queue has waited for a worker. */
const pulse = `
  select
    (select count(*)::int from pg_stat_activity
      where backend_type = 'client backend' and pid <> pg_backend_pid()) as connections,
    (select extract(epoch from now() - min(sent_at))::float8 from orders
      where status = 'PROCESSING' and due_at is not null) as oldest`;

/** The local runner's database, live: connections, the latency of a small query, the age of the queue's oldest commit. */
export function databaseSource(connectionString: string): Source {
  return {
    name: 'database',
    async read() {
      // A connection of its own each time: what a new client meets is what counts when a database is short of them.
      const client = new Client({ connectionString, connectionTimeoutMillis: 5000, query_timeout: 5000 });
      client.on('error', () => undefined);
      try {
        await client.connect();
        const begun = performance.now();
        const { rows } = await client.query<{ connections: number; oldest: number | null }>(pulse);
        const latencyMs = performance.now() - begun;
        const { connections, oldest } = rows[0]!;
        return [{ atMs: Date.now(), kind: 'database', connections, latencyMs, oldestCommitSeconds: oldest }];
      } finally {
        await client.end().catch(() => undefined);
      }
    },
  };
}
