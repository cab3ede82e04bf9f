import { readMetricsText } from '../report/metrics-text.ts';
import type { Source } from './source.ts';

/** What a report shows; the rest of a service's metrics is left out of the file. */
const shown =
  /^(onsale_cache_requests_total|onsale_admission_(backlog_seconds|rate|waiting_places)|onsale_http_requests_(shed|throttled)_total|process_cpu_seconds_total|process_resident_memory_bytes|nodejs_eventloop_lag_p99_seconds)$/;

/** The metrics of one replica, live, from its internal address. */
export function serviceSource(service: string, internalUrl: string): Source {
  return {
    name: `${service} at ${internalUrl}`,
    async read({ signal }) {
      const answer = await fetch(`${internalUrl}/metrics`, {
        signal: AbortSignal.any([signal, AbortSignal.timeout(5000)]),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const samples = readMetricsText(text).filter(({ name }) => shown.test(name));
      return [{ atMs: Date.now(), kind: 'service', service, replica: internalUrl, samples }];
    },
  };
}
