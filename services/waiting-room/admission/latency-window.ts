import { enterRoute } from '@onsale/contracts/http/public-routes';
import type { Registry } from 'prom-client';

interface BucketValue {
  readonly value: number;
  readonly labels: { readonly le?: number | string; readonly method?: string; readonly route?: string };
  readonly metricName?: string;
}

/** Fewer requests say nothing about the slowest of twenty. */
const leastRequests = 20;

/**
 * Reads the p95 of the requests that change something (POST) since the last reading off the process's own histogram of
 * requests, in milliseconds: within its bucket in proportion, as Prometheus reckons it, or little more than the target would pass
 * for twice as much. Polls of the waiting room would drown what buyers wait for, and newcomers come however few are admitted.
 */
export function createLatencyWindow(registry: Registry): () => Promise<number | undefined> {
  let before = new Map<number, number>();
  return async () => {
    const metric = registry.getSingleMetric('onsale_http_request_duration_seconds');
    if (!metric) return undefined;
    const now = new Map<number, number>();
    for (const { metricName, labels, value } of (await metric.get()).values as BucketValue[]) {
      if (labels.method !== 'POST' || labels.route === enterRoute.url) continue;
      if (!metricName?.endsWith('_bucket')) continue;
      const boundary = labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le);
      now.set(boundary, (now.get(boundary) ?? 0) + value);
    }
    const counts = [...now]
      .map(([boundary, count]) => ({ boundary, count: count - (before.get(boundary) ?? 0) }))
      .toSorted((a, b) => a.boundary - b.boundary);
    const total = counts.at(-1)?.count ?? 0;
    if (total < leastRequests) return undefined;
    before = now;
    const rank = 0.95 * total;
    const at = counts.findIndex(({ count }) => count >= rank);
    const { boundary, count } = counts[at]!;
    const below = counts[at - 1] ?? { boundary: 0, count: 0 };
    // Beyond the last boundary nothing is known but that it is slow.
    if (!Number.isFinite(boundary)) return 2000 * (below.boundary || 1);
    const share = (rank - below.count) / (count - below.count);
    return 1000 * (below.boundary + share * (boundary - below.boundary));
  };
}
