import type { EventCatalogue } from '@onsale/contracts/sale/published-event';
import type { SaleId } from '@onsale/contracts/sale/sale-id';
import { createBatcher } from '@onsale/platform/batcher';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { queryRows } from '../connect.ts';
import { loadSql } from '../load-sql.ts';
import { commitMessageOf, type OpenOrder } from '../open-order.ts';
import type { OrderMetrics } from '../order-metrics.ts';
import type { OrderSettings } from '../order-settings.ts';
import type { RejectionReason } from '../order-status.ts';
import type { SeatHolds } from '../seat-holds.ts';
import type { Projector } from '../project/projector.ts';
import { settleOrders } from '../settle/settle-orders.ts';
import type { CommitSender } from './commit-sender.ts';

/** What to do with an order whose buyer does not hold the seats: a commit is rejected, a capture waits for the hold. */
export type IfNotHeld = 'reject' | 'wait';

/** Brings orders from PostgreSQL to the queue: the hold stops lapsing, then the message is sent. Every step may be repeated. */
export interface OrderStarter {
  /**
   * Stops the hold from lapsing; where the buyer does not hold the seats it does what `ifNotHeld` says. Resolves when what
   * it found is durable.
   */
  begin(order: OpenOrder, ifNotHeld: IfNotHeld): Promise<'committing' | 'not-held'>;
  /** Begins and sends; never rejects, for what fails is left to the sweeper. */
  start(order: OpenOrder, ifNotHeld: IfNotHeld, traceparent?: string): Promise<void>;
  /** Sends an order whose hold no longer lapses; never rejects. */
  send(order: OpenOrder, traceparent?: string): Promise<void>;
  drain(): Promise<void>;
}

export interface OrderStarterDeps {
  readonly pool: Pool;
  readonly catalogue: EventCatalogue;
  readonly seatHolds: SeatHolds;
  readonly sender: CommitSender;
  readonly projector: Projector;
  readonly settings: OrderSettings;
  readonly metrics: OrderMetrics;
  readonly logger: Logger;
}

interface Mark {
  readonly order_id: string;
  readonly attempt: number;
  readonly sent: boolean;
}

interface Unheld {
  readonly intentId: string;
  readonly reason: RejectionReason;
  readonly ifNotHeld: IfNotHeld;
}

const markOrders = loadSql('mark-orders');
const projectAgain = loadSql('project-again');

/** Makes an {@link OrderStarter}. */
export function createOrderStarter(deps: OrderStarterDeps): OrderStarter {
  const { pool, catalogue, seatHolds, sender, projector, settings, metrics, logger } = deps;
  const inFlight = new Set<Promise<void>>();

  const marks = createBatcher<Mark, void>({
    maxItems: 100,
    lingerMs: 2,
    busyLingerMs: 8,
    async flush(asked) {
      metrics.batchSize.observe({ batch: 'marks' }, asked.length);
      const rows = await queryRows<{ order_id: string }>(pool, {
        ...markOrders,
        values: [JSON.stringify(asked), settings.resendAfterMs, settings.lostMessageAfterSeconds],
      });
      const marked = new Set(rows.map((row) => row.order_id));
      const others = asked.map((mark) => mark.order_id).filter((orderId) => !marked.has(orderId));
      if (others.length > 0) await queryRows(pool, { ...projectAgain, values: [others] });
      return asked.map(() => ({ status: 'fulfilled', value: undefined }));
    },
  });

  /** Nobody may hold these seats any more: rejected at once, or, waiting, only when somebody has bought one. */
  const unheld = createBatcher<Unheld, void>({
    maxItems: 50,
    lingerMs: 1,
    async flush(asked) {
      const byIntent = new Map(asked.map((one) => [one.intentId, one]));
      const ended = await settleOrders({ pool, settings, metrics }, [...byIntent.keys()], (intents) =>
        [...intents.values()].flatMap(({ intentId, order, takenSeatIds }) => {
          const { ifNotHeld, reason } = byIntent.get(intentId)!;
          // Whoever began meanwhile has proved that the buyer held the seats.
          if (!order || order.begun) return [];
          const { orderId, status } = order;
          if (ifNotHeld === 'reject' && status === 'PROCESSING')
            return [{ orderId, status: 'REJECTED', reason }];
          const lost = status === 'WAITING_FOR_HOLD' && takenSeatIds.length > 0;
          return lost ? [{ orderId, status: 'REJECTED', reason: 'seat_already_sold' }] : [];
        }),
      );
      projector.projectSoon(ended);
      return asked.map(() => ({ status: 'fulfilled', value: undefined }));
    },
  });

  const mark = (order: OpenOrder, sent: boolean) =>
    marks.add({ order_id: order.orderId, attempt: order.attempt, sent });

  const beginNow = async (order: OpenOrder, ifNotHeld: IfNotHeld) => {
    const { eventId, userId, seatIds } = order;
    const published = await catalogue.find(eventId);
    if (!published) throw new Error(`The event ${eventId} of order ${order.orderId} is not published`);
    const message = commitMessageOf(order);
    const saleId = order.saleId as SaleId;
    const { outcome } = await seatHolds.beginCommit({ published, saleId, userId, seatIds, message });
    if (outcome === 'committing') return outcome;
    const reason = outcome === 'not-held' ? 'seat_not_held' : 'hold_expired';
    await unheld.add({ intentId: order.intentId, reason, ifNotHeld });
    return 'not-held';
  };

  const sendNow = async (order: OpenOrder, traceparent?: string) => {
    let sent = false;
    try {
      await sender.send({ message: commitMessageOf(order), attempt: order.attempt, traceparent });
      sent = true;
    } finally {
      // Not waited for: unmarked, the order is taken up once more by a sweeper, and every step bears that.
      void track(order, 'mark', mark(order, sent));
    }
  };

  const track = (order: OpenOrder, step: string, work: Promise<unknown>): Promise<void> => {
    const tracked: Promise<void> = work
      .then(
        () => undefined,
        (err: unknown) => {
          metrics.failures.inc({ step });
          const { orderId } = order;
          logger.warn({ event: 'order_step_failed', step, orderId, err }, 'Left to the sweeper');
        },
      )
      .finally(() => inFlight.delete(tracked));
    inFlight.add(tracked);
    return tracked;
  };

  const startNow = async (order: OpenOrder, ifNotHeld: IfNotHeld, traceparent?: string) => {
    if ((await beginNow(order, ifNotHeld)) === 'committing') await sendNow(order, traceparent);
  };

  return {
    async begin(order, ifNotHeld) {
      const outcome = await beginNow(order, ifNotHeld);
      if (outcome === 'committing') await mark(order, true);
      return outcome;
    },
    start: (order, ifNotHeld, traceparent) => track(order, 'start', startNow(order, ifNotHeld, traceparent)),
    send: (order, traceparent) => track(order, 'send', sendNow(order, traceparent)),
    async drain() {
      while (inFlight.size > 0) await Promise.all(inFlight);
    },
  };
}
