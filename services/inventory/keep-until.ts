import type { EventDefinition } from '@onsale/contracts/sale/event-definition';
import type { SaleWindow } from '@onsale/contracts/sale/sale-window';

const dayMs = 86_400_000;
/** A commit waits this long for its capture at the most, twice over. */
const commitsSettledMs = 20 * 60_000;

/**
 * When a sale's keys in Redis expire by themselves. An ordinary sale's seats stay visible, and tickets can be returned,
 * until the event; a practice round is over once its commits are settled.
 */
export function keepUntilMs(event: EventDefinition, sale: SaleWindow): number {
  if (event.sale.kind === 'windows') return sale.closesAtMs + event.holdTtlMs + commitsSettledMs;
  return Math.max(sale.closesAtMs, event.startsAtMs) + dayMs;
}
