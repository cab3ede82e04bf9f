import { randomUUID } from 'node:crypto';
import type { EventCatalogue } from '@onsale/contracts/sale/published-event';
import type { Clock } from '@onsale/platform/clock';
import type { Pool } from 'pg';
import { loadSql } from './load-sql.ts';
import type { OrderMetrics } from './order-metrics.ts';
import type { OrderStatus } from './order-status.ts';
import type { Projector } from './project/projector.ts';
import { orderViewOf, type OrderView, type OrderViewRow } from './queries/order-view.ts';
import { inTransaction } from './transaction.ts';

export interface CancelRequest {
  readonly orderId: string;
  readonly userId: string;
  /** All of the order's when absent. */
  readonly ticketIds?: readonly string[] | undefined;
}

export type CancelOutcome =
  /** `refundMinor` is the price of the tickets named, however often it is asked; it goes back once. */
  | { readonly outcome: 'cancelled'; readonly order: OrderView; readonly refundMinor: number }
  | { readonly outcome: 'unknown-order' | 'unknown-ticket' | 'not-owner' | 'event-begun' | 'ticket-used' }
  | { readonly outcome: 'not-confirmed'; readonly status: OrderStatus };

export interface CancelDeps {
  readonly pool: Pool;
  readonly catalogue: EventCatalogue;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly projector: Projector;
  readonly metrics: OrderMetrics;
}

interface LockedOrder {
  order_id: string;
  user_id: string;
  event_id: string;
  status: OrderStatus;
  payment_id: string | null;
}

interface TicketRow {
  ticket_id: string;
  price_minor: number;
  status: 'VALID' | 'CANCELLED';
}

const lockOrder = loadSql('lock-order');
const cancelTickets = loadSql('cancel-tickets');
const readOrderViews = loadSql('read-order-views');
const followUpMs = 2000;

/**
 * Cancels an order's tickets, all or some, before the event begins. The refund and the return of the seats are written
 * with it and happen once; the seats are usually on sale again when this resolves.
 */
export async function cancelOrder(deps: CancelDeps, request: CancelRequest): Promise<CancelOutcome> {
  const { pool, catalogue, clock, projector, metrics } = deps;
  let fresh: { ended: boolean } | undefined;
  const outcome = await inTransaction<CancelOutcome>(pool, async (client) => {
    fresh = undefined;
    // Somebody may be telling the stores of this order; with a store away that takes longer than a buyer waits.
    await client.query("set local lock_timeout = '3s'");
    const { rows } = await client.query<LockedOrder>({ ...lockOrder, values: [request.orderId] });
    const order = rows[0];
    if (!order) return { outcome: 'unknown-order' };
    if (order.user_id !== request.userId) return { outcome: 'not-owner' };
    if (order.status !== 'CONFIRMED' && order.status !== 'CANCELLED') {
      return { outcome: 'not-confirmed', status: order.status };
    }
    const { rows: tickets } = await client.query<TicketRow>(
      // Locked: a gate that is just letting somebody in has done so before the next statement, or finds it cancelled.
      'select ticket_id, price_minor, status from tickets where order_id = $1 order by seat_id for no key update',
      [order.order_id],
    );
    const asked = request.ticketIds ? new Set(request.ticketIds) : undefined;
    const chosen = asked ? tickets.filter((ticket) => asked.has(ticket.ticket_id)) : tickets;
    if (asked && chosen.length < asked.size) return { outcome: 'unknown-ticket' };
    if (chosen.some((ticket) => ticket.status === 'VALID')) {
      const published = await catalogue.find(order.event_id);
      if (published && clock.nowMs() >= published.event.startsAtMs) return { outcome: 'event-begun' };
      const { rowCount: used } = await client.query(
        'select from gate_entries where ticket_id = any ($1::text[])',
        [chosen.map((ticket) => ticket.ticket_id)],
      );
      if (used) return { outcome: 'ticket-used' };
      const cancelled = await client.query<{ status: OrderStatus }>({
        ...cancelTickets,
        values: [
          order.order_id,
          chosen.map((ticket) => ticket.ticket_id),
          `rf_${randomUUID()}`,
          order.payment_id,
          followUpMs,
        ],
      });
      fresh = { ended: cancelled.rows[0]?.status === 'CANCELLED' };
    }
    const { rows: views } = await client.query<OrderViewRow>({
      ...readOrderViews,
      values: [[order.order_id]],
    });
    return {
      outcome: 'cancelled',
      order: orderViewOf(views[0]!),
      refundMinor: chosen.reduce((sum, ticket) => sum + ticket.price_minor, 0),
    };
  });
  if (fresh) {
    metrics.refunds.inc({ result: 'due' });
    if (fresh.ended) metrics.orders.inc({ outcome: 'cancelled' });
    await projector.project([request.orderId]);
  }
  return outcome;
}
