import type { AccountNeed } from '../levers/account-preflight.ts';
import type { Lever } from '../levers/lever.ts';
import { planLevers } from '../plan/plan-levers.ts';
import type { DataLever } from '../plan/sale-demand.ts';
import type { ClusterWriter } from './cluster-writer.ts';
import type { FleetView } from './fleet-view.ts';
import { podHealth } from './pod-health.ts';

/** Asks the account what it lacks; answers in words. */
export type AccountPreflight = (need: AccountNeed) => Promise<readonly string[]>;

export interface SalePreflightOptions {
  readonly account: AccountPreflight | undefined;
  readonly levers: Partial<Record<DataLever, Lever>>;
  readonly writer: Pick<ClusterWriter, 'pods'>;
}

/** What everything that is to be warm at an instant needs of the account. */
export function accountNeed(now: FleetView, atMs: number): AccountNeed {
  const plan = now.planAt(atMs);
  const floors = [...plan.targets].map(([key, { effectiveFloor, shortfall }]) => ({
    pods: effectiveFloor + shortfall,
    vcpus: now.targets.get(key)!.vcpus,
  }));
  const levers = planLevers(leverSales(now, plan.sales), atMs);
  return {
    pods: floors.reduce((sum, { pods }) => sum + pods, 0),
    vcpus: floors.reduce((sum, { pods, vcpus }) => sum + pods * vcpus, 0),
    largestTargetPods: Math.max(0, ...floors.map(({ pods }) => pods)),
    capacityUnits: [...levers.values()].reduce(
      (sum, { lever, wanted }) => sum + (lever === 'alb' ? (wanted?.amount ?? 0) : 0),
      0,
    ),
  };
}

const leverSales = (now: FleetView, plans: FleetView['plan']['sales']) =>
  [...now.resources].flatMap(([key, { spec }]) => {
    const plan = plans.get(key);
    return plan ? [{ key, spec, plan }] : [];
  });

/**
 * A day ahead, what stands in the way of a sale at its opening, in words: quotas and addresses of the account, its
 * levers, and pods that EKS will evict for a patch.
 */
export async function salePreflight(
  sale: string,
  now: FleetView,
  { account, levers, writer }: SalePreflightOptions,
): Promise<readonly string[]> {
  const plan = now.plan.sales.get(sale);
  if (!plan) return [];
  const problems: string[] = [];
  const attempt = async (what: string, ask: () => Promise<readonly string[]>) => {
    try {
      problems.push(...(await ask()));
    } catch (error) {
      problems.push(`${what} cannot be checked: ${(error as Error).message}`);
    }
  };
  const { opensAtMs } = plan.timeline;
  if (account) await attempt('The account', () => account(accountNeed(now, opensAtMs)));
  const wanted = planLevers(leverSales(now, now.planAt(opensAtMs).sales), opensAtMs);
  for (const lever of wanted.values()) {
    const { id, wanted: amount } = lever;
    if (!amount || !lever.sales.includes(sale)) continue;
    const named = async () =>
      (await levers[lever.lever]?.preflight(id, amount))?.map((one) => `${lever.lever}: ${one}`) ?? [];
    await attempt(lever.lever, named);
  }
  for (const { target } of now.sales.get(sale)?.targets ?? []) {
    const scaled = now.targets.get(target);
    if (!scaled) continue;
    await attempt(`Pods of ${scaled.name}`, async () => {
      const { scheduledToEnd } = podHealth(await writer.pods(scaled), now.nowMs, Number.POSITIVE_INFINITY);
      return scheduledToEnd > 0
        ? [`${scheduledToEnd} pods of ${scaled.name} are scheduled to be terminated: restart them before`]
        : [];
    });
  }
  return problems;
}
