import type { EventCatalogue, PublishedEvent } from '@onsale/contracts/sale/published-event';
import type { SaleId } from '@onsale/contracts/sale/sale-id';
import { salesWithHolds } from '@onsale/contracts/sale/sale-window';
import type { SeatHolds } from '../seat-holds.ts';

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
 * Prices seats that exist, in the sale that opened last: a hold placed in it may be paid for after it closed. Held late in a
 * practice round, seats are still that round's while the next is open. Before an ordinary sale opens that is the one sale
 * there is, and nobody's holds are asked about.
 */
export async function priceSeats(
  catalogue: EventCatalogue,
  seatHolds: Pick<SeatHolds, 'isHolder'>,
  request: { readonly userId: string; readonly eventId: string; readonly seatIds: readonly string[] },
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
  const [latest, ...earlier] = salesWithHolds(event, nowMs).map((sale) => sale.saleId);
  let saleId = latest!;
  if (earlier.length > 0 && !(await seatHolds.isHolder({ ...request, published, saleId }))) {
    for (const one of earlier) {
      if (await seatHolds.isHolder({ ...request, published, saleId: one })) saleId = one;
    }
  }
  return {
    outcome: 'priced',
    published,
    saleId,
    seatPricesMinor,
    amountMinor: seatPricesMinor.reduce((sum, price) => sum + price, 0),
  };
}
