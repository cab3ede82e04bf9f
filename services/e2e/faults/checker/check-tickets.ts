import type { OrderRow, TicketRow, World } from './world.ts';
import { at, type Violation } from './violation.ts';

/** Seats are sold once at a time, and an order has all its seats or none. */
export function checkTickets({ tickets, orders }: World): Violation[] {
  const violations: Violation[] = [];
  for (const [seat, own] of Map.groupBy(tickets, ({ saleId, seatId }) => `${saleId} ${seatId}`)) {
    const inOrder = own.toSorted((a, b) => a.issuedAtMs - b.issuedAtMs);
    for (const [index, later] of inOrder.entries()) {
      const earlier = inOrder[index - 1];
      if (!earlier || (earlier.cancelledAtMs ?? Number.POSITIVE_INFINITY) <= later.issuedAtMs) continue;
      violations.push({
        invariant: 1,
        message: `${seat}: ticket ${later.ticketId} (order ${later.orderId}) was issued at ${at(later.issuedAtMs)}, but ticket ${earlier.ticketId} (order ${earlier.orderId}) of ${at(earlier.issuedAtMs)} was live until ${at(earlier.cancelledAtMs ?? Number.POSITIVE_INFINITY)}`,
      });
    }
  }
  const ticketsOf = Map.groupBy(tickets, ({ orderId }) => orderId);
  for (const order of orders) {
    const wrong = wrongTickets(order, ticketsOf.get(order.orderId) ?? []);
    if (wrong) {
      violations.push({
        invariant: 2,
        message: `order ${order.orderId} is ${order.status} and has ${wrong}`,
      });
    }
  }
  for (const [intentId, own] of Map.groupBy(
    orders.filter(({ alone }) => !alone),
    (order) => order.intentId,
  )) {
    if (own.length > 1) {
      const ids = own.map(({ orderId }) => orderId).join(', ');
      violations.push({ invariant: 6, message: `intent ${intentId} has ${own.length} orders: ${ids}` });
    }
  }
  return violations;
}

function wrongTickets(order: OrderRow, tickets: readonly TicketRow[]): string | undefined {
  const live = tickets.filter(({ status }) => status === 'VALID').length;
  const has = `${live} live of ${tickets.length} tickets for ${order.seatIds.length} seats`;
  const seats = (ids: readonly string[]) => [...ids].sort().join();
  const isWhole = seats(tickets.map(({ seatId }) => seatId)) === seats(order.seatIds);
  switch (order.status) {
    case 'CONFIRMED':
      return isWhole && live > 0 ? undefined : has;
    case 'CANCELLED':
      return isWhole && live === 0 ? undefined : has;
    default:
      return tickets.length === 0 ? undefined : has;
  }
}
