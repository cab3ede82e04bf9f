import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import { currentSale, saleState } from '@onsale/contracts/sale/sale-window';
import { saleIdOf } from '@onsale/contracts/sale/sale-id';
import type { CreatedEvent } from '../catalogue/created-event.ts';
import type { StockOfSale } from './take-stock.ts';

/** What unseated tickets can be taken of now. */
export type SaleOfStock =
  | { readonly outcome: 'open'; readonly stock: StockOfSale; readonly closesAtMs: number }
  | { readonly outcome: 'sale-not-open'; readonly reason: string }
  | { readonly outcome: 'seated' | 'event-cancelled' };

/** The sale of a published event at this time: inside its window, and not suspended. */
export function saleOfPublished(published: PublishedEvent, nowMs: number): SaleOfStock {
  const { event, number, cancellation } = published;
  if (!event.generalAdmission) return { outcome: 'seated' };
  if (cancellation) return { outcome: 'event-cancelled' };
  const sale = currentSale(event, nowMs);
  const state = saleState(sale, nowMs);
  if (state === 'closed') return { outcome: 'sale-not-open', reason: 'The sale is over' };
  if (state !== 'on-sale') {
    return {
      outcome: 'sale-not-open',
      reason: `The sale opens at ${new Date(sale.opensAtMs).toISOString()}`,
    };
  }
  // Nobody is admitted to a suspended sale, and here taking is all the admission there is.
  if (event.suspend) return { outcome: 'sale-not-open', reason: 'The sale is paused' };
  const { capacity } = event.generalAdmission;
  return {
    outcome: 'open',
    stock: { saleId: sale.saleId, eventNumber: number, capacity, perBuyer: event.perBuyer },
    closesAtMs: sale.closesAtMs,
  };
}

/** The sale of a created event: from its creation until it begins, without a limit per buyer. */
export function saleOfCreated(event: CreatedEvent, nowMs: number): SaleOfStock {
  if (nowMs >= event.startsAtMs) return { outcome: 'sale-not-open', reason: 'The event has begun' };
  const saleId = saleIdOf(event.eventId, 0);
  return {
    outcome: 'open',
    stock: { saleId, eventNumber: event.number, capacity: event.capacity, perBuyer: null },
    closesAtMs: event.startsAtMs,
  };
}
