import type { OrderView } from '../queries/order-view.ts';
import type { TicketCodes } from './ticket-codes.ts';

/** The order with the code of each ticket that lets somebody in; as it is where there are no ticket keys. */
export function withTicketCodes<View extends OrderView | null>(
  order: View,
  codes: Pick<TicketCodes, 'codeOf'> | undefined,
): View {
  if (!order || !codes) return order;
  const tickets = order.tickets.map((ticket) =>
    ticket.status === 'VALID' ? { ...ticket, code: codes.codeOf(ticket.ticketId) } : ticket,
  );
  return { ...order, tickets };
}
