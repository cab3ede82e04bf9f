import type { SaleEvent } from '../api/wire.ts';

/** Where an event's sale is, by the services' clock. */
export interface SaleStage {
  readonly state: 'room-closed' | 'room-open' | 'on-sale' | 'closed';
  readonly roomOpensAtMs: number;
  readonly opensAtMs: number;
  readonly closesAtMs: number;
}

/** The stage now: reckoned from the sale's instants, so that the page opens at the second and not at the next answer. */
export function stageOf({ sale }: Pick<SaleEvent, 'sale'>, nowMs: number): SaleStage {
  // Events without a sale of their own sell until they begin.
  if (!sale) return { state: 'on-sale', roomOpensAtMs: 0, opensAtMs: 0, closesAtMs: Number.MAX_SAFE_INTEGER };
  const roomOpensAtMs = Date.parse(sale.roomOpensAt);
  const opensAtMs = Date.parse(sale.opensAt);
  const closesAtMs = Date.parse(sale.closesAt);
  const state =
    nowMs >= closesAtMs
      ? 'closed'
      : nowMs >= opensAtMs
        ? 'on-sale'
        : nowMs >= roomOpensAtMs
          ? 'room-open'
          : 'room-closed';
  return { state, roomOpensAtMs, opensAtMs, closesAtMs };
}

/** Whether the sale is a practice round: only those are numbered from 1 on. */
export function isPractice({ sale }: Pick<SaleEvent, 'sale'>): boolean {
  return isPracticeSale(sale?.saleId ?? '');
}

export function isPracticeSale(saleId: string): boolean {
  return Number(saleId.slice(saleId.lastIndexOf('.') + 1)) > 0;
}
