import { Gauge, type Registry } from 'prom-client';
import type { AdmissionLimit } from '../room-state.ts';
import type { AdmissionDecision, AdmissionInput } from './decide-admission.ts';
import type { PodsSummary } from './pods.ts';

/** Shows what admission is decided by and what is decided, of the sales this process steers. */
export interface AdmissionMetrics {
  report(saleId: string, pods: PodsSummary, input: AdmissionInput, decision: AdmissionDecision): void;
  /** This process steers the sale no more. */
  forget(saleId: string): void;
}

const limits: readonly AdmissionLimit[] = [
  'planned',
  'pods',
  'latency',
  'backlog',
  'active',
  'seats',
  'none-free',
  'sold-out',
  'paused',
];

/** Declares the metrics. `sale` is bounded: a process steers what is on sale just now, and forgets what it steers no more. */
export function createAdmissionMetrics(registry: Registry): AdmissionMetrics {
  const registers = [registry];
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Gauge({ name: `onsale_admission_${name}`, help, labelNames, registers });
  const sale = ['sale'] as const;
  const ofSale = {
    planned: gauge('planned_rate', 'Places per second by event or operator', sale),
    rate: gauge('rate', 'Places per second decided', sale),
    active: gauge('active_buyers', 'Buyers admitted and not finished, at most', sale),
    maxActive: gauge('max_active_buyers', 'The most there may be of them', sale),
    showShare: gauge('show_ratio', 'Part of the admitted places whose buyers use them', sale),
    health: gauge('health_ratio', 'Part of what the pods serve that they are trusted with', sale),
    waiting: gauge('waiting_places', 'Places given out and not reached', sale),
    free: gauge('free_seats', 'Free seats', sale),
  };
  const limitedBy = gauge('limited_by', '1 for the lowest of all limits', ['sale', 'limit']);
  const podRate = gauge('pod_rate', 'Buyers per second the live pods of the weakest service serve', []);
  const livePods = gauge('live_pods', 'Replicas heard of in the last seconds', ['of']);
  const p95 = gauge('p95_seconds', 'Median p95 of the slowest service', []);
  const backlog = gauge('backlog_seconds', 'How long the workers need for what waits', []);

  return {
    report(saleId, pods, input, decision) {
      const labels = { sale: saleId };
      ofSale.planned.set(labels, input.plannedRate);
      ofSale.rate.set(labels, decision.ratePerSecond);
      ofSale.active.set(labels, decision.active);
      ofSale.maxActive.set(labels, input.maxActive);
      ofSale.showShare.set(labels, decision.showShare);
      ofSale.health.set(labels, decision.memory.health);
      ofSale.waiting.set(labels, Math.max(0, input.counts.waiting));
      if (input.seats) ofSale.free.set(labels, input.seats.free);
      for (const limit of limits) limitedBy.set({ ...labels, limit }, limit === decision.limitedBy ? 1 : 0);
      for (const [service, live] of pods.livePods) livePods.set({ of: service }, live);
      podRate.set(pods.podRate ?? Number.NaN);
      p95.set((pods.p95Ms ?? 0) / 1000);
      backlog.set(pods.backlogSeconds ?? 0);
    },
    forget(saleId) {
      for (const one of Object.values(ofSale)) one.remove({ sale: saleId });
      for (const limit of limits) limitedBy.remove({ sale: saleId, limit });
    },
  };
}
