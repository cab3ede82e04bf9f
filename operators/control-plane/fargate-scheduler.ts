import { createHash } from 'node:crypto';
import { CoreV1Api, type KubeConfig, ListWatch, type V1Pod, Watch } from '@kubernetes/client-node';

/** How the stand-in for Fargate behaves. */
export interface FargateOptions {
  readonly launchesPerSecond: number;
  readonly launchBurst: number;
  /** Start delays lie between these, spread by the pod's uid. */
  readonly shortestStartMs: number;
  readonly longestStartMs: number;
  readonly nodes: readonly string[];
}

/** Fargate's own figures: 20 launches a second after a burst of 20, starts of 40 to 90 s. */
export const fargate = {
  launchesPerSecond: 20,
  launchBurst: 20,
  shortestStartMs: 40_000,
  longestStartMs: 90_000,
} as const;

/** A bucket that never launches faster than Fargate does. */
export function createLaunchBucket(perSecond: number, burst: number, nowMs: () => number): () => number {
  let tokens = burst;
  let atMs = nowMs();
  /** Takes a token and answers 0, or answers how many milliseconds until there is one. */
  return () => {
    const now = nowMs();
    tokens = Math.min(burst, tokens + ((now - atMs) / 1000) * perSecond);
    atMs = now;
    // A timer may fire a hair early; without the tolerance it would wait for a nanosecond.
    if (tokens < 1 - 1e-6) return ((1 - tokens) / perSecond) * 1000;
    tokens -= 1;
    return 0;
  };
}

/** The start delay of a pod: the same for the same uid, uniform between the bounds. */
export function startDelayMs(uid: string, options: FargateOptions): number {
  const share = createHash('sha256').update(uid).digest().readUInt32BE(0) / 2 ** 32;
  return Math.round(options.shortestStartMs + share * (options.longestStartMs - options.shortestStartMs));
}

/**
 * Binds every pod without a node, at Fargate's launch rate, and tells kwok by an annotation how long it takes to start.
 * kube-scheduler leaves such pods alone, since the nodes are tainted as Fargate's are.
 */
export function startFargateScheduler(
  config: KubeConfig,
  options: FargateOptions,
): { stop(): Promise<void> } {
  const core = config.makeApiClient(CoreV1Api);
  const take = createLaunchBucket(options.launchesPerSecond, options.launchBurst, () => performance.now());
  const waiting = new Map<string, V1Pod>();
  let stopped = false;
  let running = false;
  let next = 0;

  const keyOf = (pod: V1Pod) => `${pod.metadata?.namespace}/${pod.metadata?.name}`;

  async function bind(pod: V1Pod): Promise<void> {
    const namespace = pod.metadata?.namespace ?? 'default';
    const name = pod.metadata?.name ?? '';
    const node = options.nodes[next++ % options.nodes.length]!;
    try {
      await core.createNamespacedPodBinding({
        namespace,
        name,
        body: {
          metadata: {
            name,
            namespace,
            annotations: {
              'onsale.dev/start-delay': `${startDelayMs(pod.metadata?.uid ?? name, options)}ms`,
            },
          },
          target: { apiVersion: 'v1', kind: 'Node', name: node },
        },
      });
    } catch (error) {
      // Bound already or gone: the watch will have said so.
      if (![404, 409].includes((error as { code?: number }).code ?? 0)) waiting.set(keyOf(pod), pod);
    }
  }

  async function pump(): Promise<void> {
    if (running) return;
    running = true;
    while (!stopped && waiting.size > 0) {
      const waitMs = take();
      if (waitMs > 0) {
        await new Promise((resolve) => setTimeout(resolve, waitMs));
        continue;
      }
      const [key, pod] = waiting.entries().next().value!;
      waiting.delete(key);
      void bind(pod);
    }
    running = false;
  }

  let informer: ListWatch<V1Pod>;
  let restart: NodeJS.Timeout | undefined;
  function begin(): void {
    if (stopped) return;
    informer = new ListWatch<V1Pod>(
      '/api/v1/pods',
      new Watch(config),
      () => core.listPodForAllNamespaces({ fieldSelector: 'spec.nodeName=' }),
      false,
      undefined,
      'spec.nodeName=',
    );
    informer.on('change', (pod) => {
      if (pod.spec?.nodeName || pod.metadata?.deletionTimestamp) return;
      waiting.set(keyOf(pod), pod);
      void pump();
    });
    informer.on('delete', (pod) => waiting.delete(keyOf(pod)));
    informer.on('error', () => {
      restart = setTimeout(begin, 500);
    });
    void informer.start();
  }
  begin();
  return {
    async stop() {
      stopped = true;
      clearTimeout(restart);
      await informer.stop();
    },
  };
}
