import { CustomObjectsApi } from '@kubernetes/client-node';
import type { TicketEventResource } from '../plan/ticket-event-resource.ts';
import { type ClusterFixture, ticketEventsOf } from './cluster-fixture.ts';
import type { OperatorProcess } from './operator-process.ts';
import { ticketEvent } from './ticket-event-sample.ts';
import { until } from '@onsale/control-plane/until';

export interface ManyEventsResult {
  readonly events: number;
  /** From the first creation until every status is written, seconds. */
  readonly queueEmptySeconds: number;
  readonly reconcileP99Seconds: number;
  readonly reconciles: number;
  readonly operatorMib: { readonly now: number; readonly most: number };
  readonly operatorCpuSeconds: number;
}

/** Upper bound of the bucket that holds the 99th percentile of the operator's own histogram. */
export function reconcileP99(metrics: string): { readonly p99Seconds: number; readonly count: number } {
  const buckets = new Map<number, number>();
  for (const [, le, value] of metrics.matchAll(
    /^onsale_operator_reconcile_seconds_bucket\{[^}]*le="([^"]+)"[^}]*\} (\d+)/gm,
  )) {
    const bound = le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le);
    buckets.set(bound, (buckets.get(bound) ?? 0) + Number(value));
  }
  const count = buckets.get(Number.POSITIVE_INFINITY) ?? 0;
  const sorted = [...buckets].sort(([a], [b]) => a - b);
  return { p99Seconds: sorted.find(([, below]) => below >= count * 0.99)?.[0] ?? Number.NaN, count };
}

/** Creates many TicketEvents at once and waits until every one has its status. */
export async function manyEvents(
  cluster: ClusterFixture,
  operator: OperatorProcess,
  count: number,
): Promise<ManyEventsResult> {
  await cluster.createTarget('many', { min: 1, max: 5000 });
  const custom = cluster.admin.makeApiClient(CustomObjectsApi);
  const cpuBefore = await operator.cpuSeconds();
  const begunMs = performance.now();
  for (let first = 0; first < count; first += 20) {
    await Promise.all(
      Array.from({ length: Math.min(20, count - first) }, (_, i) =>
        custom.createNamespacedCustomObject({
          ...ticketEventsOf(),
          body: ticketEvent(`many-${first + i}`, {
            target: 'many',
            pods: 10,
            opensInSeconds: 86_400 * 3 + (first + i) * 600,
          }),
        }),
      ),
    );
  }
  await until('every status', 300, async () => {
    const list = (await custom.listNamespacedCustomObject({ ...ticketEventsOf() })) as {
      items: TicketEventResource[];
    };
    const mine = list.items.filter((one) => one.metadata.name.startsWith('many-'));
    return mine.every((one) => one.status?.observedGeneration === one.metadata.generation) ? true : undefined;
  });
  const queueEmptySeconds = (performance.now() - begunMs) / 1000;
  const { p99Seconds, count: reconciles } = reconcileP99(await operator.metrics());
  return {
    events: count,
    queueEmptySeconds,
    reconcileP99Seconds: p99Seconds,
    reconciles,
    operatorMib: await operator.memoryMib(),
    operatorCpuSeconds: (await operator.cpuSeconds()) - cpuBefore,
  };
}
