import { type FleetPlan, planFleet } from '../plan/plan-fleet.ts';
import { type LeverPlan, planLevers } from '../plan/plan-levers.ts';
import { type ReadSale, readSale } from '../plan/read-sale.ts';
import type { LearnedTimes, SaleDemand, TargetKey } from '../plan/sale-demand.ts';
import { resourceKey, type TicketEventResource } from '../plan/ticket-event-resource.ts';
import type { ScaledTarget } from './cluster-objects.ts';

/** The cluster at one look, and the plan for it. */
export interface FleetView {
  readonly nowMs: number;
  readonly resources: ReadonlyMap<string, TicketEventResource>;
  readonly sales: ReadonlyMap<string, SaleDemand>;
  readonly problems: ReadonlyMap<string, readonly string[]>;
  readonly targets: ReadonlyMap<TargetKey, ScaledTarget>;
  readonly plan: FleetPlan;
  /** `lever/id` to what is wanted of it now. */
  readonly levers: ReadonlyMap<string, LeverPlan>;
  /** The plan for these sales and targets at another instant. */
  planAt(atMs: number): FleetPlan;
}

export interface FleetSource {
  readonly region: string;
  readonly nowMs: () => number;
  readonly ticketEvents: () => readonly TicketEventResource[];
  readonly targets: () => ReadonlyMap<TargetKey, ScaledTarget>;
  readonly learned: () => LearnedTimes;
}

/** Looks at the caches and plans; reading a TicketEvent is remembered for as long as its object stays the same. */
export function createFleetView(source: FleetSource): () => FleetView {
  const remembered = new WeakMap<TicketEventResource, ReadSale>();
  return () => {
    const nowMs = source.nowMs();
    const resources = new Map<string, TicketEventResource>();
    const sales = new Map<string, SaleDemand>();
    const problems = new Map<string, readonly string[]>();
    for (const resource of source.ticketEvents()) {
      const key = resourceKey(resource);
      resources.set(key, resource);
      let read = remembered.get(resource);
      if (!read) {
        read = readSale(resource);
        remembered.set(resource, read);
      }
      if (read.outcome === 'read') sales.set(key, read.sale);
      else problems.set(key, read.problems);
    }
    const targeted = new Set(
      [...sales.values()].flatMap((sale) => sale.targets.map((demand) => demand.target)),
    );
    const targets = new Map<TargetKey, ScaledTarget>();
    for (const [key, target] of source.targets()) {
      // Others' autoscalers, neither annotated nor named by a sale, are none of ours.
      if (target.adopted || targeted.has(key)) targets.set(key, target);
    }
    const learned = source.learned();
    const planAt = (atMs: number) =>
      planFleet({ nowMs: atMs, region: source.region, sales: [...sales.values()], targets, learned });
    const plan = planAt(nowMs);
    const named = [...resources].flatMap(([key, { spec }]) => {
      const one = spec.dependencies && plan.sales.get(key);
      return one ? [{ key, spec, plan: one }] : [];
    });
    const levers = planLevers(named, nowMs);
    return { nowMs, resources, sales, problems, targets, plan, levers, planAt };
  };
}
