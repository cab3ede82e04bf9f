import type { ObservedTarget, SaleDemand, TargetDemand, TargetKey } from './sale-demand.ts';

/** Pods a sale's whole load needs of one target, unrounded, bounded by the sale's own ceiling. */
export function exactPods(sale: SaleDemand, demand: TargetDemand): number {
  const pods = (sale.peakRps * (100 + demand.headroomPercent)) / (100 * demand.rpsPerPod);
  return Math.min(pods, demand.ceiling);
}

/** Rounds pods up; sums of fractions may exceed a whole number by rounding error alone. */
export function wholePods(pods: number): number {
  return Math.max(0, Math.ceil(pods - 1e-9));
}

/** What one sale contributes to one target at an instant. */
export interface Contribution {
  readonly sale: string;
  readonly exactPods: number;
  readonly floor: number;
  readonly ceiling: number;
}

/** The floor of one target and why. */
export interface TargetFloor {
  readonly baseline: number;
  /** What the active sales together need, before any bound. */
  readonly demandFloor: number;
  /** What is to be applied. */
  readonly effectiveFloor: number;
  /** Needed, but over a ceiling or the live maximum. */
  readonly shortfall: number;
  readonly contributors: readonly { readonly sale: string; readonly pods: number }[];
}

/**
 * Sums what sales ask of one target. A sale's own part ends at its own ceiling; the sum ends at the highest ceiling any
 * active sale allows, because a minimum of them would let a small sale pull down the floor of a large one that is open.
 * The live maximum is absolute: the API server refuses a minimum above it.
 */
export function sumFloor(contributions: readonly Contribution[], observed: ObservedTarget): TargetFloor {
  const active = contributions.filter((part) => part.exactPods > 0 || part.floor > 0);
  const demandFloor = Math.max(
    wholePods(active.reduce((sum, part) => sum + part.exactPods, 0)),
    ...active.map((part) => part.floor),
    0,
  );
  const ceiling = Math.max(...active.map((part) => part.ceiling), 0);
  const wanted = Math.max(observed.baseline, Math.min(demandFloor, ceiling));
  const effectiveFloor = Math.min(wanted, observed.liveMax);
  return {
    baseline: observed.baseline,
    demandFloor,
    effectiveFloor,
    shortfall: Math.max(0, Math.max(demandFloor, observed.baseline) - effectiveFloor),
    contributors: active.map((part) => ({
      sale: part.sale,
      pods: Math.max(wholePods(part.exactPods), part.floor),
    })),
  };
}

/** Pods to be added over the baselines when all these sales are warm at once. */
export function addedPods(
  sales: readonly SaleDemand[],
  targets: ReadonlyMap<TargetKey, ObservedTarget>,
): number {
  const asked = new Map<TargetKey, { exact: number; floor: number }>();
  for (const sale of sales) {
    for (const demand of sale.targets) {
      const sum = asked.get(demand.target) ?? { exact: 0, floor: 0 };
      sum.exact += exactPods(sale, demand);
      sum.floor = Math.max(sum.floor, Math.min(demand.floor, demand.ceiling));
      asked.set(demand.target, sum);
    }
  }
  let added = 0;
  for (const [target, { exact, floor }] of asked) {
    added += Math.max(0, Math.max(wholePods(exact), floor) - (targets.get(target)?.baseline ?? 0));
  }
  return added;
}
