import type { SaleDemand } from './sale-demand.ts';
import type { SalePlan } from './plan-fleet.ts';

/** Where a sale stands, for people; nothing decides by it. */
export type Phase =
  | 'Scheduled'
  | 'Preflight'
  | 'WarmingData'
  | 'WarmingPods'
  | 'Warm'
  | 'OnSale'
  | 'Sustaining'
  | 'Draining'
  | 'Completed';

/** Phase by clock and observation. `confirmed`: every pod and dependency the sale asked for is there. */
export function phaseOf(sale: SaleDemand, plan: SalePlan, nowMs: number, confirmed: boolean): Phase {
  const { timeline } = plan;
  if (sale.opening.kind === 'windows') return confirmed ? 'OnSale' : 'WarmingPods';
  if (nowMs >= timeline.closesAtMs) return plan.share > 0 ? 'Draining' : 'Completed';
  if (nowMs >= timeline.opensAtMs) return nowMs >= timeline.drainStartsAtMs ? 'Sustaining' : 'OnSale';
  if (plan.share > 0) return confirmed ? 'Warm' : 'WarmingPods';
  if ([...timeline.dataStartsAtMs.values()].some((startsAtMs) => nowMs >= startsAtMs)) return 'WarmingData';
  return nowMs >= timeline.preflightAtMs ? 'Preflight' : 'Scheduled';
}
