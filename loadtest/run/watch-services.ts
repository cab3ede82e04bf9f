import { appendFile } from 'node:fs/promises';
import { Client } from 'pg';
import { readMetricsText } from '../report/metrics-text.ts';
import type { Observation } from '../report/run-record.ts';

/** What a report shows; the rest of a service's metrics is left out of the file. */
const shown =
  /^(onsale_cache_requests_total|onsale_admission_(backlog_seconds|rate|waiting_places)|onsale_http_requests_(shed|throttled)_total|process_cpu_seconds_total|process_resident_memory_bytes|nodejs_eventloop_lag_p99_seconds)$/;

export interface Watched {
  /** Internal addresses by service. */
  readonly internal: Readonly<Record<string, readonly string[]>>;
  readonly postgresUrl?: string | undefined;
}

/** Notes services' metrics and the database's pulse every so often, a line of JSON each; the result ends it. */
export function watchServices(
  { internal, postgresUrl }: Watched,
  file: string,
  everyMs: number,
): () => Promise<void> {
  const ending = new AbortController();
  const note = (observation: Observation) => appendFile(file, `${JSON.stringify(observation)}\n`);

  const scrape = async (service: string, url: string) => {
    const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(5000)]);
    const text = await fetch(`${url}/metrics`, { signal }).then((answer) => answer.text());
    const samples = readMetricsText(text).filter(({ name }) => shown.test(name));
    await note({ atMs: Date.now(), kind: 'service', service, replica: url, samples });
  };
  // A connection of its own each time: what a new client meets is what counts when a database is short of them.
  const feelPulse = async (connectionString: string) => {
    const client = new Client({ connectionString, connectionTimeoutMillis: 5000, query_timeout: 5000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const begun = performance.now();
      const { rows } = await client.query<{ connections: number }>(
        "select count(*)::int as connections from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
      );
      const latencyMs = performance.now() - begun;
      await note({ atMs: Date.now(), kind: 'database', connections: rows[0]!.connections, latencyMs });
    } finally {
      await client.end().catch(() => undefined);
    }
  };

  // A gap in the figures is what a service out of reach looks like; the report says how many there were.
  const look = async () => {
    const looks = Object.entries(internal).flatMap(([service, urls]) =>
      urls.map((url) => scrape(service, url)),
    );
    if (postgresUrl !== undefined) looks.push(feelPulse(postgresUrl));
    await Promise.allSettled(looks);
  };
  let running = look();
  const timer = setInterval(() => {
    running = running.then(look);
  }, everyMs);
  return async () => {
    clearInterval(timer);
    ending.abort();
    await running;
  };
}
