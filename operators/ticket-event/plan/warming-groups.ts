import { leadSafety, podLeadMs } from './lead-time.ts';
import { addedPods } from './pods-asked.ts';
import type { LearnedTimes, ObservedTarget, SaleDemand, TargetKey } from './sale-demand.ts';

/** A sale's pod lead and the instant its floors go up. */
export interface WarmingStart {
  readonly addedPods: number;
  readonly leadMs: number;
  readonly startsAtMs: number;
  readonly readyAtMs: number;
}

interface Group {
  readonly sales: readonly SaleDemand[];
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly addedPods: number;
}

/** When everything is to be ready for a sale that opens once. */
export function readyAtMs(sale: SaleDemand): number {
  return sale.opening.kind === 'once' ? sale.opening.opensAtMs - sale.readyBeforeMs : 0;
}

/**
 * Pods of sales that warm at the same time share the account's launch rate, so each of them needs the lead of all. A
 * longer lead may reach into yet another sale's warming: sales are merged until nothing overlaps any more. Adding load
 * can only merge more and start earlier.
 */
export function warmingStarts(
  sales: readonly SaleDemand[],
  targets: ReadonlyMap<TargetKey, ObservedTarget>,
  learned: LearnedTimes,
): ReadonlyMap<string, WarmingStart> {
  const group = (members: readonly SaleDemand[]): Group => {
    const added = addedPods(members, targets);
    const starts = members.map(
      (sale) => readyAtMs(sale) - leadSafety * (sale.leadOverrideMs ?? podLeadMs(added, learned)),
    );
    return {
      sales: members,
      addedPods: added,
      startsAtMs: Math.min(...starts),
      endsAtMs: Math.max(...members.map(readyAtMs)),
    };
  };
  let groups = sales.filter((sale) => sale.opening.kind === 'once').map((sale) => group([sale]));
  for (;;) {
    groups.sort((a, b) => a.startsAtMs - b.startsAtMs);
    const merged: Group[] = [];
    let members: SaleDemand[] = [];
    let endsAtMs = Number.NEGATIVE_INFINITY;
    let parts: Group[] = [];
    const close = () => {
      if (parts.length === 1) merged.push(parts[0]!);
      else if (parts.length > 1) merged.push(group(members));
    };
    for (const next of groups) {
      if (next.startsAtMs > endsAtMs) {
        close();
        members = [];
        parts = [];
      }
      members.push(...next.sales);
      parts.push(next);
      endsAtMs = parts.length === 1 ? next.endsAtMs : Math.max(endsAtMs, next.endsAtMs);
    }
    close();
    const settled = merged.length === groups.length;
    groups = merged;
    if (settled) break;
  }
  const starts = new Map<string, WarmingStart>();
  for (const { sales: members, addedPods: added } of groups) {
    for (const sale of members) {
      const leadMs = sale.leadOverrideMs ?? podLeadMs(added, learned);
      const ready = readyAtMs(sale);
      starts.set(sale.key, {
        addedPods: added,
        leadMs,
        readyAtMs: ready,
        startsAtMs: ready - leadSafety * leadMs,
      });
    }
  }
  return starts;
}
