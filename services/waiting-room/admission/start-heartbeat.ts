import type { Clock } from '@onsale/platform/clock';
import type { RedisClient } from '@onsale/platform/redis';
import { hostname } from 'node:os';
import { Counter, type Registry } from 'prom-client';
import { createLatencyWindow } from './latency-window.ts';
import { sendHeartbeat, withdrawHeartbeat } from './pod-heartbeats.ts';

export interface HeartbeatDeps {
  readonly redis: RedisClient;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly registry: Registry;
  readonly service: 'public-api' | 'confirm-api' | 'confirm-worker';
  /** See {@link nameOfPod}. */
  readonly podName: string | undefined;
  readonly buyersPerSecond: number;
  /** Commits that wait in the queue. */
  readonly readQueueDepth?: () => Promise<number>;
}

const beatEveryMs = 1000;
/** Asking the queue costs money. */
const depthEveryMs = 3000;

/** The name of this replica in heartbeats, its own among all of a service; two on one host need not be told theirs. */
export const nameOfPod = (podName: string | undefined): string => podName ?? `${hostname()}-${process.pid}`;

/** Tells once a second that this replica lives and how it fares; `stop` takes it back. What cannot be told is left out. */
export function startHeartbeat(deps: HeartbeatDeps): { stop(): Promise<void> } {
  const { redis, clock, registry, service, buyersPerSecond, readQueueDepth } = deps;
  const podName = `${service}/${nameOfPod(deps.podName)}`;
  const failures = new Counter({
    name: 'onsale_heartbeat_failures_total',
    help: 'Heartbeats that could not be told',
    registers: [registry],
  });
  const readP95Ms = createLatencyWindow(registry);
  let depth: number | undefined;
  let depthReadAt = Number.NEGATIVE_INFINITY;
  let underWay: Promise<void> | undefined;

  const beat = async () => {
    if (readQueueDepth && performance.now() - depthReadAt >= depthEveryMs) {
      depthReadAt = performance.now();
      depth = await readQueueDepth().catch(() => undefined);
    }
    const p95Ms = await readP95Ms();
    const atMs = clock.nowMs();
    await sendHeartbeat(redis, podName, { service, atMs, buyersPerSecond, p95Ms, queueDepth: depth });
  };
  const turn = () => {
    underWay ??= beat()
      .catch(() => failures.inc())
      .finally(() => {
        underWay = undefined;
      });
  };
  turn();
  const timer = setInterval(turn, beatEveryMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await underWay;
      await withdrawHeartbeat(redis, podName).catch(() => failures.inc());
    },
  };
}
