/** What a replica says of itself once a second. */
export interface PodHeartbeat {
  readonly service: string;
  /** Epoch milliseconds of the one clock. */
  readonly atMs: number;
  /** Buyers per second it can serve. */
  readonly buyersPerSecond: number;
  /** Of its requests that change something, since the last heartbeat; absent when there were few. */
  readonly p95Ms?: number | undefined;
  /** Commits that wait in the queue; workers only. */
  readonly queueDepth?: number | undefined;
}

/** What the replicas of all services can do together. */
export interface PodsSummary {
  readonly livePods: ReadonlyMap<string, number>;
  /** Buyers per second of the weakest service; undefined when no service has been heard of. */
  readonly podRate: number | undefined;
  /** The median of the slowest service's pods: a single slow pod is the load balancer's matter. */
  readonly p95Ms: number | undefined;
  /** Commits that wait; undefined when no live worker tells. */
  readonly queueDepth: number | undefined;
  readonly backlogSeconds: number | undefined;
}

/** A pod that has not been heard of for longer is not counted on. */
export const podLivesMs = 5000;

/**
 * Sums heartbeats up by service. A service that has been heard of and has no live pod serves nobody; one that never was
 * (an older version sends none) limits nothing.
 */
export function summarizePods(heartbeats: readonly PodHeartbeat[], nowMs: number): PodsSummary {
  const livePods = new Map<string, number>();
  const rates = new Map<string, number>();
  const latencies = new Map<string, number[]>();
  let queueDepth: number | undefined;
  for (const { service, atMs, buyersPerSecond, p95Ms, queueDepth: depth } of heartbeats) {
    const isLive = nowMs - atMs <= podLivesMs;
    livePods.set(service, (livePods.get(service) ?? 0) + (isLive ? 1 : 0));
    rates.set(service, (rates.get(service) ?? 0) + (isLive ? buyersPerSecond : 0));
    if (!isLive) continue;
    if (p95Ms !== undefined) latencies.set(service, [...(latencies.get(service) ?? []), p95Ms]);
    if (depth !== undefined) queueDepth = Math.max(queueDepth ?? 0, depth);
  }
  const medians = [...latencies.values()].map(median);
  const workerRate = rates.get('confirm-worker') ?? 0;
  return {
    livePods,
    podRate: rates.size === 0 ? undefined : Math.min(...rates.values()),
    p95Ms: medians.length === 0 ? undefined : Math.max(...medians),
    queueDepth,
    // Without workers nobody is admitted for want of pods.
    backlogSeconds: queueDepth === undefined || workerRate === 0 ? undefined : queueDepth / workerRate,
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}
