import type { SQSClient } from '@aws-sdk/client-sqs';
import type { EventCatalogue } from '@onsale/contracts/sale/published-event';
import type { Clock } from '@onsale/platform/clock';
import type { RedisClient } from '@onsale/platform/redis';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { cancelOrder, type CancelOutcome, type CancelRequest } from './cancel-order.ts';
import { createCommits, type Commits } from './commits/accept-commits.ts';
import { createCommitSender } from './commits/commit-sender.ts';
import { createOrderStarter } from './commits/order-starter.ts';
import { createIntents, type Intents } from './intents/create-intents.ts';
import { createOrderMetrics } from './order-metrics.ts';
import { defaultOrderSettings, type OrderSettings } from './order-settings.ts';
import { createRefundDispatcher, type RefundDispatcher } from './payments/dispatch-refunds.ts';
import { createPaymentOpener, type PaymentOpener } from './payments/open-payments.ts';
import type { PaymentProvider } from './payments/payment-provider.ts';
import { createPaymentEvents, type PaymentEvents } from './payments/record-payment-events.ts';
import { createProjector } from './project/projector.ts';
import { listOrders } from './queries/list-orders.ts';
import type { OrderView } from './queries/order-view.ts';
import { readIntent, type IntentView } from './queries/read-intent.ts';
import { readRank, type RankOutcome } from './queries/read-rank.ts';
import { createStatusReader, type StatusReader } from './queries/read-status.ts';
import { createStatusCache } from './queries/status-cache.ts';
import type { SeatHolds } from './seat-holds.ts';
import { createCommitProcessor, type CommitProcessor } from './settle/process-commits.ts';
import { createCancelledEventsSweep } from './sweep/sweep-cancelled-events.ts';
import { createOrderSweeper, type OrderSweeper } from './sweep/sweep-orders.ts';

/** Intents, payments, orders and tickets: what confirm-api and confirm-worker serve. */
export interface Orders {
  readonly intents: Pick<Intents, 'create'>;
  readonly paymentEvents: Pick<PaymentEvents, 'record'>;
  readonly commits: Pick<Commits, 'accept'>;
  readonly status: StatusReader;
  readIntent(intentId: string): Promise<IntentView | undefined>;
  listOrders(userId: string, limit: number): Promise<OrderView[]>;
  cancelOrder(request: CancelRequest): Promise<CancelOutcome>;
  readRank(request: { readonly orderId: string; readonly userId: string }): Promise<RankOutcome>;
  /** For the worker. */
  readonly processor: CommitProcessor;
  /** Whether PostgreSQL takes writes. */
  readonly isReady: () => Promise<boolean>;
  readonly sweeper: OrderSweeper;
  /** Ends what cancelled events still have; resolves with how many it took up. */
  readonly sweepCancelledEvents: (limit: number) => Promise<number>;
  readonly opener: Pick<PaymentOpener, 'sweep'>;
  readonly refunds: RefundDispatcher;
  /** Resolves when nothing is in flight; call it when nothing new comes in any more. */
  drain(): Promise<void>;
}

export interface OrdersDeps {
  readonly pool: Pool;
  readonly redis: RedisClient;
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly catalogue: EventCatalogue;
  readonly seatHolds: SeatHolds;
  readonly provider: PaymentProvider;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly registry: Registry;
  readonly logger: Logger;
  readonly settings?: Partial<OrderSettings>;
}

/** Puts the orders' modules together. */
export function createOrders(given: OrdersDeps): Orders {
  const { pool, redis, registry } = given;
  const settings: OrderSettings = { ...defaultOrderSettings, ...given.settings };
  const metrics = createOrderMetrics(registry);
  const deps = { ...given, settings, metrics };
  const cache = createStatusCache(redis);
  const sender = createCommitSender(deps);
  const projector = createProjector({ ...deps, cache });
  const starter = createOrderStarter({ ...deps, sender, projector });
  const opener = createPaymentOpener(deps);
  const intents = createIntents({ ...deps, opener });
  const paymentEvents = createPaymentEvents({ ...deps, starter });
  const commits = createCommits({ ...deps, starter });
  return {
    intents,
    paymentEvents,
    commits,
    status: createStatusReader({ ...deps, cache }),
    readIntent: (intentId) => readIntent(pool, intentId),
    listOrders: (userId, limit) => listOrders(pool, userId, limit),
    cancelOrder: (request) => cancelOrder({ ...deps, projector }, request),
    readRank: (request) => readRank(deps, request),
    processor: createCommitProcessor({ ...deps, starter, projector }),
    isReady: () =>
      pool.query<{ writable: boolean }>('select not pg_is_in_recovery() as writable').then(
        ({ rows }) => rows[0]!.writable,
        () => false,
      ),
    sweeper: createOrderSweeper({ ...deps, starter, projector }),
    sweepCancelledEvents: createCancelledEventsSweep({ ...deps, projector }),
    opener,
    refunds: createRefundDispatcher({ ...deps, projector }),
    async drain() {
      await Promise.all([intents.drain(), paymentEvents.drain(), commits.drain()]);
      await Promise.all([starter.drain(), opener.drain()]);
      await projector.drain();
    },
  };
}
