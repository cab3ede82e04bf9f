import type { ReportData } from './report-data.ts';
import type { CheckResult } from './check-result.ts';

/** A seat is sold once at a time. */
export function checkSeats({ tickets }: ReportData): CheckResult {
  const owner = new Map<string, string>();
  const differences: string[] = [];
  const live = tickets.filter((ticket) => ticket.status === 'VALID');
  for (const { seatId, ticketId } of live) {
    const other = owner.get(seatId);
    if (other !== undefined) differences.push(`seat ${seatId} has the tickets ${other} and ${ticketId}`);
    owner.set(seatId, ticketId);
  }
  return { looked: `${live.length} live tickets`, differences };
}

/** Confirmed orders have all their tickets, some of them cancelled perhaps; cancelled ones no live one; others none. */
export function checkTickets({ orders, tickets }: ReportData): CheckResult {
  const ticketsOf = Map.groupBy(tickets, (ticket) => ticket.orderId);
  const known = new Set(orders.map((order) => order.orderId));
  const differences = tickets
    .filter((ticket) => !known.has(ticket.orderId))
    .map(({ ticketId, orderId }) => `ticket ${ticketId} is of an order ${orderId} that is not there`);
  for (const { orderId, status, seatIds, amountMinor } of orders) {
    const own = ticketsOf.get(orderId) ?? [];
    const live = own.filter((ticket) => ticket.status === 'VALID').length;
    const wasConfirmed = status === 'CONFIRMED' || status === 'CANCELLED';
    if (!wasConfirmed) {
      if (own.length > 0) differences.push(`order ${orderId} is ${status} and has ${own.length} tickets`);
      continue;
    }
    const seats = own.map((ticket) => ticket.seatId);
    if (seats.toSorted().join() !== seatIds.toSorted().join()) {
      differences.push(`order ${orderId} is for ${seatIds.join(', ')}, its tickets for ${seats.join(', ')}`);
    }
    const price = own.reduce((sum, ticket) => sum + ticket.priceMinor, 0);
    if (price !== amountMinor) differences.push(`order ${orderId} is ${amountMinor}, its tickets ${price}`);
    if ((status === 'CONFIRMED') !== live > 0) {
      differences.push(`order ${orderId} is ${status} and has ${live} live tickets`);
    }
  }
  return { looked: `${orders.length} orders, ${tickets.length} tickets`, differences };
}

/**
 * Nobody buys before the turn: the place of whoever has tickets is one the serving number reached. A place taken anew after
 * buying, and one that lapsed or was forgotten, says nothing.
 */
export function checkAdmission(serving: number, { orders, tickets, places }: ReportData): CheckResult {
  const placeOf = new Map(places.map((place) => [place.buyer, place]));
  const issuedAt = new Map(tickets.map((ticket) => [ticket.orderId, ticket.issuedAtMs]));
  const differences: string[] = [];
  let unknown = 0;
  let looked = 0;
  for (const { orderId, buyer } of orders) {
    const issuedAtMs = issuedAt.get(orderId);
    if (issuedAtMs === undefined) continue;
    const place = placeOf.get(buyer);
    if (!place || place.takenAtMs > issuedAtMs) {
      unknown++;
      continue;
    }
    looked++;
    if (place.place > serving) {
      differences.push(`order ${orderId}: place ${place.place}, served was up to ${serving}`);
    }
  }
  const rest = unknown === 0 ? '' : `, ${unknown} without a place that is still known`;
  return { looked: `${looked} buyers with tickets${rest}`, differences };
}
