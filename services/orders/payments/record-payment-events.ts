import { createBatcher } from '@onsale/platform/batcher';
import type { Pool, PoolClient } from 'pg';
import type { Logger } from 'pino';
import { insertOrders } from '../insert-orders.ts';
import { loadSql } from '../load-sql.ts';
import type { OrderMetrics } from '../order-metrics.ts';
import type { OrderSettings } from '../order-settings.ts';
import { lockIntents } from '../read-intents.ts';
import { inTransaction } from '../transaction.ts';
import type { OrderStarter } from '../commits/order-starter.ts';
import { decidePaymentEvents, type PaymentChanges, type PaymentEvent } from './decide-payment-events.ts';

/** Takes in what the provider reports. */
export interface PaymentEvents {
  /** The event is durable when this resolves, with all that follows from it; repeating it changes nothing. */
  record(event: PaymentEvent): Promise<void>;
  drain(): Promise<void>;
}

export interface PaymentEventsDeps {
  readonly pool: Pool;
  readonly settings: OrderSettings;
  readonly starter: OrderStarter;
  readonly metrics: OrderMetrics;
  readonly logger: Logger;
}

const readCaptures = loadSql('read-captures');
const insertCaptures = loadSql('insert-captures');
const applyPayments = loadSql('apply-payments');

/** Makes {@link PaymentEvents}: one transaction for all events that arrive close together. */
export function createPaymentEvents(deps: PaymentEventsDeps): PaymentEvents {
  const { pool, settings, starter, metrics, logger } = deps;

  const write = (events: readonly PaymentEvent[]): Promise<PaymentChanges> =>
    inTransaction(pool, async (client) => {
      const intentIds = [...new Set(events.map((event) => event.intentId))];
      const [intents, { rows: known }] = await Promise.all([
        lockIntents(client, intentIds, { takenSeats: false }),
        client.query<{ payment_id: string }>({
          ...readCaptures,
          values: [events.map((event) => event.paymentId)],
        }),
      ]);
      const changes = decidePaymentEvents(events, intents, new Set(known.map((row) => row.payment_id)));
      await Promise.all([
        insertMoney(client, changes),
        insertOrders(client, changes.newOrders, settings),
        changeOrders(client, changes, settings),
      ]);
      return changes;
    });

  const batcher = createBatcher<PaymentEvent, void>({
    maxItems: 100,
    lingerMs: 1,
    busyLingerMs: 8,
    async flush(events) {
      metrics.batchSize.observe({ batch: 'payment-events' }, events.length);
      const changes = await write(events);
      report(changes, events);
      for (const order of changes.toBegin) void starter.start(order, 'wait');
      for (const order of changes.toSend) void starter.send(order);
      return events.map(() => ({ status: 'fulfilled', value: undefined }));
    },
  });

  const report = (changes: PaymentChanges, events: readonly PaymentEvent[]) => {
    for (const { event, refund } of changes.captures) {
      metrics.captures.inc({ result: refund ? 'returned' : 'pays' });
      if (!refund) continue;
      metrics.refunds.inc({ result: 'due' });
      const { intentId, paymentId } = event;
      logger.warn({ event: 'capture_returned', intentId, paymentId, reason: refund }, 'Captured, goes back');
    }
    for (const { reason } of changes.newOrders) if (reason) metrics.orders.inc({ outcome: reason });
    const captured = events.filter((event) => event.type === 'payment.captured').length;
    metrics.captures.inc({ result: 'repeated' }, captured - changes.captures.length);
  };

  return {
    record: (event) => batcher.add(event),
    drain: () => batcher.drain(),
  };
}

async function insertMoney(client: PoolClient, { captures, failures }: PaymentChanges): Promise<void> {
  if (captures.length === 0 && failures.length === 0) return;
  const captured = captures.map(({ event, refund }) => ({
    payment_id: event.paymentId,
    intent_id: event.intentId,
    amount_minor: event.amountMinor,
    pays: refund === undefined,
    reason: refund ?? null,
  }));
  const failed = failures.map((event) => ({ payment_id: event.paymentId, intent_id: event.intentId }));
  await client.query({ ...insertCaptures, values: [JSON.stringify(captured), JSON.stringify(failed)] });
}

async function changeOrders(
  client: PoolClient,
  changes: PaymentChanges,
  settings: OrderSettings,
): Promise<void> {
  if (changes.orders.size === 0) return;
  const orders = [...changes.orders].map(([order_id, change]) => ({ order_id, ...change }));
  await client.query({
    ...applyPayments,
    values: [JSON.stringify(orders), settings.failedPaymentGraceSeconds, settings.resendAfterMs],
  });
}
