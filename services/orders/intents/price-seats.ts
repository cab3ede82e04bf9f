import type { EventCatalogue, PublishedEvent } from '@onsale/contracts/sale/published-event';
import type { SaleId } from '@onsale/contracts/sale/sale-id';
import { latestOpenedSale } from '@onsale/contracts/sale/sale-window';

export type PricedSeats =
  | {
      readonly outcome: 'priced';
      readonly published: PublishedEvent;
      readonly saleId: SaleId;
      /** Minor units, one per seat, in the order asked. */
      readonly seatPricesMinor: readonly number[];
      readonly amountMinor: number;
    }
  | { readonly outcome: 'unknown-event' | 'general-admission' }
  | { readonly outcome: 'no-such-seat'; readonly seatId: string };

/**
 * Prices seats that exist, in the sale that opened last: a hold placed in it may be paid for after it closed. Before an
 * ordinary sale opens that is the one sale there is.
 */
export async function priceSeats(
  catalogue: EventCatalogue,
  request: { readonly eventId: string; readonly seatIds: readonly string[] },
  nowMs: number,
): Promise<PricedSeats> {
  const published = await catalogue.find(request.eventId);
  if (!published) return { outcome: 'unknown-event' };
  const { event, seatMap } = published;
  if (event.generalAdmission) return { outcome: 'general-admission' };
  const seatPricesMinor: number[] = [];
  for (const seatId of request.seatIds) {
    const position = seatMap.locate(seatId);
    if (!position) return { outcome: 'no-such-seat', seatId };
    seatPricesMinor.push(seatMap.sections[position.sectionIndex]!.priceMinor);
  }
  return {
    outcome: 'priced',
    published,
    saleId: latestOpenedSale(event, nowMs).saleId,
    seatPricesMinor,
    amountMinor: seatPricesMinor.reduce((sum, price) => sum + price, 0),
  };
}
