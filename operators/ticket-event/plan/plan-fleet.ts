import { type Contribution, exactPods, sumFloor, type TargetFloor, wholePods } from './pods-asked.ts';
import type { FleetInput, SaleDemand, TargetKey } from './sale-demand.ts';
import { nextTransitionMs, shareAt, type Timeline, timelineOf } from './timeline.ts';
import { warmingStarts } from './warming-groups.ts';

/** Why a sale moves no floor, or that it does. */
export type SaleRole = 'active' | 'dry-run' | 'elsewhere' | 'deleting';

/** The plan for one TicketEvent. */
export interface SalePlan {
  readonly role: SaleRole;
  readonly timeline: Timeline;
  readonly leadMs: number;
  /** Pods added over the baselines by all sales that warm together with this one. */
  readonly addedPods: number;
  /** 0 before warming and after draining, 1 in between. */
  readonly share: number;
  /** Whole pods this sale asks of each target now; what a suspension freezes. */
  readonly parts: ReadonlyMap<TargetKey, number>;
  readonly nextTransitionMs: number | undefined;
}

export interface FleetPlan {
  readonly sales: ReadonlyMap<string, SalePlan>;
  /** Every observed target: the floor to apply, whether or not a sale names it. */
  readonly targets: ReadonlyMap<TargetKey, TargetFloor>;
}

/**
 * From all sales, all targets and the clock to what should hold now. Pure: no order of calls, restart or missed instant
 * changes what it says, so any leader, old or new, converges on the same floors.
 */
export function planFleet(input: FleetInput): FleetPlan {
  const sales = [...input.sales].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const role = (sale: SaleDemand): SaleRole => {
    if (sale.deleting) return 'deleting';
    if (sale.homeRegion !== input.region) return 'elsewhere';
    return sale.dryRun ? 'dry-run' : 'active';
  };
  const active = sales.filter((sale) => role(sale) === 'active');
  const starts = warmingStarts(active, input.targets, input.learned);
  // A sale that moves nothing yet is planned as if it and all like it were to run too: what it shows is not too short.
  const others = active.length === sales.length ? starts : warmingStarts(sales, input.targets, input.learned);
  const contributions = new Map<TargetKey, Contribution[]>();
  const plans = new Map<string, SalePlan>();

  for (const sale of sales) {
    const saleRole = role(sale);
    const start = starts.get(sale.key) ?? others.get(sale.key);
    const timeline = timelineOf(sale, start);
    const share = shareAt(sale, timeline, input.nowMs);
    const frozen = sale.suspend ? sale.memory.suspension?.parts : undefined;
    const parts = new Map<TargetKey, number>();
    for (const demand of sale.targets) {
      const exact = frozen ? (frozen.get(demand.target) ?? 0) : exactPods(sale, demand) * share;
      const floor = frozen ? 0 : wholePods(Math.min(demand.floor, demand.ceiling) * share);
      parts.set(demand.target, Math.max(wholePods(exact), floor));
      if (saleRole !== 'active') continue;
      const list = contributions.get(demand.target) ?? [];
      list.push({
        sale: sale.key,
        exactPods: exact,
        floor,
        ceiling: frozen ? Math.max(exact, demand.ceiling) : demand.ceiling,
      });
      contributions.set(demand.target, list);
    }
    plans.set(sale.key, {
      role: saleRole,
      timeline,
      leadMs: start?.leadMs ?? 0,
      addedPods: start?.addedPods ?? 0,
      share,
      parts,
      nextTransitionMs: sale.suspend ? undefined : nextTransitionMs(sale, timeline, input.nowMs),
    });
  }

  const targets = new Map<TargetKey, TargetFloor>();
  for (const [key, observed] of input.targets) {
    targets.set(key, sumFloor(contributions.get(key) ?? [], observed));
  }
  return { sales: plans, targets };
}
