import type { SaleDemand } from './sale-demand.ts';

/** A decided opening takes effect at least this far ahead, so that every replica of the services has learned it. */
const noticeMs = 10_000;

/**
 * The opening to publish, epoch milliseconds. Under WhenConfirmed the services are told the latest opening first and an
 * earlier one once capacity is confirmed: if the operator dies, the sale still opens, at the latest instant it may.
 */
export function decideOpening(
  sale: SaleDemand,
  confirmed: boolean,
  nowMs: number,
): { readonly opensAtMs: number; readonly decided: boolean } | undefined {
  if (sale.opening.kind === 'windows') return undefined;
  const { opensAtMs: plannedAtMs, closesAtMs } = sale.opening;
  if (sale.openPolicy.mode === 'OnTime') return { opensAtMs: plannedAtMs, decided: true };
  const { opening } = sale.memory;
  if (opening?.plannedAtMs === plannedAtMs) return { opensAtMs: opening.opensAtMs, decided: true };
  const latestMs = Math.min(plannedAtMs + sale.openPolicy.maxDelayMs, closesAtMs - 1);
  if (!confirmed) return { opensAtMs: latestMs, decided: false };
  return { opensAtMs: Math.min(Math.max(plannedAtMs, nowMs + noticeMs), latestMs), decided: true };
}
