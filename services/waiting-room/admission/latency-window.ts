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
 * requests, to the upper bound of its bucket, in milliseconds. Polls of the waiting room would drown what buyers wait for, and
 * newcomers come however few are admitted.
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
    const { boundary } = counts.find(({ count }) => count >= 0.95 * total)!;
    // Beyond the last boundary nothing is known but that it is slow.
    return Number.isFinite(boundary) ? boundary * 1000 : 2000 * (counts.at(-2)?.boundary ?? 1);
  };
}
