import { planFleet } from './plan-fleet.ts';
import { planLevers } from './plan-levers.ts';
import { readSale } from './read-sale.ts';
import type { ObservedTarget, SaleDemand, TargetKey } from './sale-demand.ts';
import { resourceKey, type TicketEventResource } from './ticket-event-resource.ts';

/** One line of a timeline. */
export interface PlanStep {
  readonly at: string;
  readonly sale: string;
  readonly what: string;
}

/** What `plan` prints: per sale its lead, and what starts when. */
export interface PlanReport {
  readonly sales: readonly {
    readonly sale: string;
    readonly leadSeconds: number;
    readonly addedPods: number;
    readonly targets: readonly {
      readonly target: string;
      readonly pods: number;
      readonly shortfall: number;
    }[];
  }[];
  readonly steps: readonly PlanStep[];
}

export type PlanOutcome =
  | { readonly outcome: 'planned'; readonly report: PlanReport }
  | { readonly outcome: 'invalid'; readonly problems: readonly string[] };

/**
 * The timeline of TicketEvents without a cluster: every target is taken to be there with a baseline of 0 and no maximum
 * of its own, so a real cluster starts at the same time or, from a higher baseline, with fewer pods to add.
 */
export function planReport(resources: readonly TicketEventResource[]): PlanOutcome {
  const sales: SaleDemand[] = [];
  const problems: string[] = [];
  for (const resource of resources) {
    const read = readSale(resource);
    if (read.outcome === 'read') sales.push({ ...read.sale, dryRun: false, suspend: false });
    else problems.push(...read.problems.map((problem) => `${resource.metadata.name}: ${problem}`));
  }
  if (problems.length > 0) return { outcome: 'invalid', problems };
  const targets = new Map<TargetKey, ObservedTarget>();
  for (const sale of sales) {
    for (const { target } of sale.targets)
      targets.set(target, { baseline: 0, liveMax: Number.MAX_SAFE_INTEGER });
  }
  const regions = [...new Set(sales.map((sale) => sale.homeRegion))];
  const steps: { atMs: number; sale: string; what: string }[] = [];
  const lines: PlanReport['sales'][number][] = [];
  for (const region of regions) {
    const at = (nowMs: number) =>
      planFleet({ nowMs, region, sales, targets, learned: { podStartMs: 0, registrationMs: 0 } });
    for (const sale of sales.filter((one) => one.homeRegion === region)) {
      const { timeline, leadMs, addedPods } = at(0).sales.get(sale.key)!;
      const open = at(timeline.drainStartsAtMs === Number.POSITIVE_INFINITY ? 0 : timeline.opensAtMs);
      lines.push({
        sale: sale.key,
        leadSeconds: Math.ceil(leadMs / 1000),
        addedPods,
        targets: sale.targets.map(({ target }) => ({
          target,
          pods: open.sales.get(sale.key)!.parts.get(target) ?? 0,
          shortfall: open.targets.get(target)?.shortfall ?? 0,
        })),
      });
      if (sale.opening.kind === 'windows') continue;
      const step = (atMs: number, what: string) => steps.push({ atMs, sale: sale.key, what });
      step(timeline.preflightAtMs, 'Preflight: quotas, load balancer, subnet addresses');
      const spec = resources.find((one) => resourceKey(one) === sale.key)!.spec;
      for (const lever of planLevers(
        [{ key: sale.key, spec, plan: open.sales.get(sale.key)! }],
        timeline.opensAtMs,
      ).values()) {
        const unit = {
          alb: 'capacity units',
          aurora: 'Aurora capacity units',
          dynamodb: 'write units a second',
        };
        const verb = lever.lever === 'dynamodb' ? 'Check' : 'Raise';
        step(
          timeline.dataStartsAtMs.get(lever.lever)!,
          `${verb} ${lever.id}: ${lever.wanted?.amount ?? 0} ${unit[lever.lever]}`,
        );
      }
      for (const demand of sale.targets) {
        const pods = open.sales.get(sale.key)!.parts.get(demand.target) ?? 0;
        step(timeline.podsStartAtMs, `Raise ${demand.target}: ${pods} pods for this sale`);
      }
      step(timeline.readyAtMs, 'Everything is ready');
      step(timeline.roomOpensAtMs, 'The waiting room opens');
      step(timeline.plannedOpensAtMs, 'The sale opens');
      if (timeline.opensAtMs !== timeline.plannedOpensAtMs) {
        step(timeline.opensAtMs, 'The sale opens at the latest, confirmed or not');
      }
      step(
        timeline.drainStartsAtMs,
        `Floors step down by ${sale.drain.stepPercent} % every ${sale.drain.intervalMs / 1000} s`,
      );
      step(timeline.drainEndsAtMs, 'Floors are back at the baseline');
      step(timeline.closesAtMs, 'The sale closes');
    }
  }
  steps.sort((a, b) => a.atMs - b.atMs);
  return {
    outcome: 'planned',
    report: {
      sales: lines,
      steps: steps.map(({ atMs, sale, what }) => ({ at: new Date(atMs).toISOString(), sale, what })),
    },
  };
}

/** The report as a table for people. */
export function planTable(report: PlanReport): string {
  const lines = report.sales.flatMap((sale) => [
    `${sale.sale}: ${sale.addedPods} pods to add, lead ${sale.leadSeconds} s`,
    ...sale.targets.map(
      (one) => `  ${one.target}: ${one.pods} pods${one.shortfall > 0 ? `, short of ${one.shortfall}` : ''}`,
    ),
  ]);
  const width = Math.max(0, ...report.steps.map((step) => step.sale.length));
  return [
    ...lines,
    '',
    ...report.steps.map((step) => `${step.at}  ${step.sale.padEnd(width)}  ${step.what}`),
  ].join('\n');
}
