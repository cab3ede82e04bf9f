import type { ClusterFixture } from './cluster-fixture.ts';
import { ticketEvent } from './ticket-event-sample.ts';
import { until } from '@onsale/control-plane/until';

/** What one run measured; seconds. */
export interface PodsReadyResult {
  readonly pods: number;
  readonly sales: readonly {
    readonly sale: string;
    readonly computedLead: string | undefined;
    readonly readyBeforeOpening: number;
    readonly asked: number;
  }[];
}

/** Three overlapping sales ask for pods of shared targets; tells how long before its opening each was ready. */
export async function podsReady(
  cluster: ClusterFixture,
  options: {
    readonly pods: number;
    readonly targets: number;
    readonly readyBeforeSeconds: number;
    readonly leadOverride?: string;
    readonly opensInSeconds: number;
    readonly prefix?: string;
  },
): Promise<PodsReadyResult> {
  const { pods, targets, readyBeforeSeconds, leadOverride, opensInSeconds, prefix = 'ready' } = options;
  const names = Array.from({ length: targets }, (_, i) => `${prefix}-${i}`);
  for (const name of names) await cluster.createTarget(name, { min: 1, max: 5000 });
  const sales = [0, 1, 2].map((i) => {
    const share = i < 2 ? Math.floor(pods / 3) : pods - 2 * Math.floor(pods / 3);
    const event = ticketEvent(`${prefix}-sale-${i}`, {
      pods: 1,
      opensInSeconds: opensInSeconds + i * 2,
      readyBefore: `${readyBeforeSeconds}s`,
      ...(leadOverride ? { leadOverride } : {}),
    });
    // The same load on every target: each takes its share of the pods.
    const perTarget = Math.ceil(share / targets);
    return {
      ...event,
      spec: {
        ...event.spec,
        expected: { peakRps: perTarget * 100 },
        targets: names.map((name) => ({
          ref: { kind: 'HorizontalPodAutoscaler', name },
          rpsPerPod: 100,
          headroomPercent: 0,
          ceiling: 5000,
        })),
      },
    };
  });
  for (const sale of sales) await cluster.apply(sale);
  const measured = [];
  for (const sale of sales) {
    const name = sale.metadata.name;
    const opensAtMs = Date.parse(sale.spec.sale.opensAt);
    const status = await until(`${name} ready`, opensInSeconds + 120, async () => {
      const { status: seen } = await cluster.readTicketEvent(name);
      return seen?.warming?.readyAt ? seen : undefined;
    });
    measured.push({
      sale: name,
      computedLead: status.computedLead,
      readyBeforeOpening: (opensAtMs - Date.parse(status.warming!.readyAt!)) / 1000,
      asked: (sale.spec.expected.peakRps / 100) * targets,
    });
  }
  return { pods, sales: measured };
}
