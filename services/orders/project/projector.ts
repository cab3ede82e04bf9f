import type { EventCatalogue, PublishedEvent } from '@onsale/contracts/sale/published-event';
import type { SaleId } from '@onsale/contracts/sale/sale-id';
import { createBatcher } from '@onsale/platform/batcher';
import type { Pool, PoolClient } from 'pg';
import type { Logger } from 'pino';
import { loadSql } from '../load-sql.ts';
import type { OrderMetrics } from '../order-metrics.ts';
import type { OrderStatus } from '../order-status.ts';
import { statusViewOf, type OrderViewRow } from '../queries/order-view.ts';
import type { StatusCache } from '../queries/status-cache.ts';
import type { SeatHolds } from '../seat-holds.ts';
import { inTransaction } from '../transaction.ts';

/** Tells the stores of seats and of status how orders ended. */
export interface Projector {
  /** Starts it and returns; what fails, or is too much at once, is left to the sweeper. */
  projectSoon(orderIds: readonly string[]): void;
  /** Resolves when it was tried; never rejects. */
  project(orderIds: readonly string[]): Promise<void>;
  drain(): Promise<void>;
}

export interface ProjectorDeps {
  readonly pool: Pool;
  readonly catalogue: EventCatalogue;
  readonly seatHolds: SeatHolds;
  readonly cache: StatusCache;
  readonly metrics: OrderMetrics;
  readonly logger: Logger;
}

interface EndedOrder {
  order_id: string;
  intent_id: string;
  user_id: string;
  event_id: string;
  sale_id: SaleId;
  seat_ids: string[];
  status: OrderStatus;
  projected: boolean;
}

interface OrderTicket {
  order_id: string;
  ticket_id: string;
  seat_id: string;
  live: boolean;
}

interface SeatOwner {
  rejected_order_id: string;
  order_id: string;
  intent_id: string;
  user_id: string;
  seat_ids: string[];
}

const lockEndedOrders = loadSql('lock-ended-orders');
const readOrderTickets = loadSql('read-order-tickets');
const readSeatOwners = loadSql('read-seat-owners');
const readOrderViews = loadSql('read-order-views');
const finishProjections = loadSql('finish-projections');

/** Orders waiting in this process; with the stores away, more of them only wait where the sweeper finds them anyway. */
const maxPending = 10_000;

/**
 * Makes a {@link Projector}. It looks at what is in PostgreSQL and makes the stores say the same, with the order's row
 * locked meanwhile: a worker that died half-way, or a cancellation on the heels of the confirmation, only means that it is
 * done once more, in the right order.
 */
export function createProjector(deps: ProjectorDeps): Projector {
  const { pool, catalogue, seatHolds, cache, metrics, logger } = deps;

  const freeRejected = async (order: EndedOrder, published: PublishedEvent) => {
    const { sale_id: saleId, user_id: userId, intent_id: intentId, seat_ids: seatIds } = order;
    await seatHolds.freeCommitting({ published, saleId, userId, intentId, seatIds });
  };

  /** Held although it was sold: a lost or failed-over Redis can do that. Free it must not stay. */
  const tellOwners = async (
    { sale_id: saleId }: EndedOrder,
    published: PublishedEvent,
    owners: readonly SeatOwner[],
  ) => {
    for (const { order_id: orderId, user_id, intent_id, seat_ids } of owners) {
      const owner = { userId: user_id, intentId: intent_id, seatIds: seat_ids, orderId };
      await seatHolds.markSold({ published, saleId, ...owner });
    }
  };

  const tellSold = async (order: EndedOrder, published: PublishedEvent, tickets: readonly OrderTicket[]) => {
    const { sale_id: saleId, user_id: userId, intent_id: intentId, order_id: orderId } = order;
    const sold = tickets.map((ticket) => ticket.seat_id);
    // Also of tickets cancelled by now: a seat goes back on sale from sold, not from committing.
    if (!order.projected && sold.length > 0) {
      await seatHolds.markSold({ published, saleId, userId, intentId, seatIds: sold, orderId });
    }
    const back = tickets.filter((ticket) => !ticket.live).map((ticket) => ticket.seat_id);
    if (back.length > 0) await seatHolds.returnSold({ published, saleId, seatIds: back, orderId });
  };

  const projectLocked = async (client: PoolClient, orderIds: readonly string[]) => {
    // All that is asked for, sent together: what is read of an order somebody else has locked is not looked at.
    const [{ rows: orders }, { rows: tickets }, { rows: views }] = await Promise.all([
      client.query<EndedOrder>({ ...lockEndedOrders, values: [orderIds] }),
      client.query<OrderTicket>({ ...readOrderTickets, values: [orderIds] }),
      client.query<OrderViewRow & { idems: string[] }>({ ...readOrderViews, values: [orderIds] }),
    ]);
    if (orders.length === 0) return;
    const ticketsOf = Map.groupBy(tickets, (ticket) => ticket.order_id);
    const viewOf = new Map(views.map((view) => [view.order_id, view]));
    const eventOf = async ({ event_id: eventId }: EndedOrder): Promise<PublishedEvent> => {
      const published = await catalogue.find(eventId);
      if (!published) throw new Error(`The event ${eventId} is not published`);
      return published;
    };
    const freed = new Map<string, Promise<unknown>>();
    for (const order of orders) {
      if (order.status !== 'REJECTED' || order.projected) continue;
      freed.set(
        order.order_id,
        eventOf(order).then((published) => freeRejected(order, published)),
      );
    }
    await Promise.allSettled(freed.values());
    // Only now: an order confirmed meanwhile has found the seats held, and nobody else tells the stores that they are sold.
    const { rows: owners } = freed.size
      ? await client.query<SeatOwner>({ ...readSeatOwners, values: [[...freed.keys()]] })
      : { rows: [] };
    const ownersOf = Map.groupBy(owners, (owner) => owner.rejected_order_id);
    const results = await Promise.allSettled(
      orders.map(async (order) => {
        const { order_id: orderId, status } = order;
        const published = await eventOf(order);
        await freed.get(orderId);
        if (status === 'REJECTED') await tellOwners(order, published, ownersOf.get(orderId) ?? []);
        else await tellSold(order, published, ticketsOf.get(orderId) ?? []);
        const view = viewOf.get(orderId)!;
        await cache.write(view.idems, statusViewOf(view));
      }),
    );
    const told: string[] = [];
    const untold: string[] = [];
    results.forEach((result, index) => {
      const { order_id } = orders[index]!;
      if (result.status === 'fulfilled') told.push(order_id);
      else {
        untold.push(order_id);
        metrics.failures.inc({ step: 'project' });
        logger.warn(
          { event: 'order_not_projected', orderId: order_id, err: result.reason },
          'Left to the sweeper',
        );
      }
    });
    const toldOrders = new Set(told);
    const returned = tickets.filter((ticket) => !ticket.live && toldOrders.has(ticket.order_id));
    await client.query({
      ...finishProjections,
      values: [told, untold, returned.map((ticket) => ticket.ticket_id)],
    });
  };

  const batcher = createBatcher<string, void>({
    maxItems: 50,
    lingerMs: 0,
    busyLingerMs: 8,
    maxConcurrent: 3,
    async flush(orderIds) {
      metrics.batchSize.observe({ batch: 'projections' }, orderIds.length);
      await inTransaction(pool, (client) => projectLocked(client, orderIds));
      return orderIds.map(() => ({ status: 'fulfilled', value: undefined }));
    },
  });

  const add = (orderId: string) =>
    batcher.add(orderId).catch((err: unknown) => {
      metrics.failures.inc({ step: 'project' });
      logger.warn({ event: 'order_not_projected', orderId, err }, 'Left to the sweeper');
    });

  return {
    projectSoon(orderIds) {
      for (const orderId of orderIds) if (batcher.pending < maxPending) void add(orderId);
    },
    async project(orderIds) {
      await Promise.all(orderIds.map(add));
    },
    drain: () => batcher.drain(),
  };
}
