import type { TicketEvent } from '@onsale/contracts/ticket-event/ticket-event';
import type { DataLever } from './sale-demand.ts';
import type { SalePlan } from './plan-fleet.ts';

/** What a lever is to be set to, in its own unit; undefined when no sale needs it any more. */
export interface LeverPlan {
  readonly lever: DataLever;
  /** ARN, cluster or table. */
  readonly id: string;
  readonly wanted: { readonly amount: number; readonly readUnits?: number } | undefined;
  /** Sales that name it, whether or not they need it now. */
  readonly sales: readonly string[];
}

/** Aurora Serverless v2 scales to this many capacity units. */
const mostAuroraUnits = 256;

/** `lever/id` to its plan. Needs of overlapping sales are summed, as pods are. */
export function planLevers(
  sales: readonly { readonly key: string; readonly spec: TicketEvent['spec']; readonly plan: SalePlan }[],
  nowMs: number,
): ReadonlyMap<string, LeverPlan> {
  const levers = new Map<string, LeverPlan>();
  const need = (
    sale: { readonly key: string; readonly plan: SalePlan },
    lever: DataLever,
    id: string,
    amount: number,
    readUnits = 0,
  ) => {
    const { timeline, role } = sale.plan;
    if (role !== 'active') return;
    const startsAtMs = timeline.dataStartsAtMs.get(lever) ?? Number.POSITIVE_INFINITY;
    const needed = nowMs >= startsAtMs && nowMs < timeline.drainEndsAtMs;
    const key = `${lever}/${id}`;
    const known = levers.get(key);
    const sum = (known?.wanted?.amount ?? 0) + (needed ? amount : 0);
    const reads = (known?.wanted?.readUnits ?? 0) + (needed ? readUnits : 0);
    levers.set(key, {
      lever,
      id,
      wanted:
        needed || known?.wanted
          ? { amount: lever === 'aurora' ? Math.min(sum, mostAuroraUnits) : sum, readUnits: reads }
          : undefined,
      sales: [...(known?.sales ?? []), sale.key],
    });
  };
  for (const sale of sales) {
    const { alb, aurora, dynamodb } = sale.spec.dependencies ?? {};
    if (alb) need(sale, 'alb', alb.arn, alb.capacityUnits);
    if (aurora) need(sale, 'aurora', aurora.clusterId, aurora.minCapacity);
    if (dynamodb) need(sale, 'dynamodb', dynamodb.table, dynamodb.writeUnits, dynamodb.readUnits);
  }
  return levers;
}
