import { ConfirmWorkerEnv } from '@onsale/contracts/env/confirm-worker';
import { createSeatInventory } from '@onsale/inventory/create-seat-inventory';
import { createBreakerEpochs } from '@onsale/orders/breaker-epochs';
import { createCatalogue } from '@onsale/orders/catalogue/create-catalogue';
import { createOrders } from '@onsale/orders/create-orders';
import { createHttpPaymentProvider } from '@onsale/orders/payments/http-payment-provider';
import { readEndedIntents } from '@onsale/orders/queries/read-ended-intents';
import { readSoldTickets } from '@onsale/orders/queries/read-sold-tickets';
import { connectStores } from '@onsale/platform/connect-stores';
import { sqsCheck } from '@onsale/platform/readiness-checks';
import { runService } from '@onsale/platform/run-service';
import { createSqs } from '@onsale/platform/sqs';
import { countFinishedBuyers } from '@onsale/waiting-room/admission/count-finished-buyers';
import { startHeartbeat } from '@onsale/waiting-room/admission/start-heartbeat';
import { createConfirmWorker } from './app.ts';
import { createQueueDepthReader } from './read-queue-depth.ts';

await runService({
  name: 'confirm-worker',
  schema: ConfirmWorkerEnv,
  async start(context) {
    const { config, logger, metrics, internal, onStop } = context;
    const { pool, redis, dynamodb, clock } = await connectStores('confirm-worker', context);
    const sqs = createSqs({ region: config.AWS_REGION, endpoint: config.SQS_ENDPOINT });
    onStop('sqs', () => sqs.destroy());
    internal.addChecks({ sqs: sqsCheck(sqs, config.COMMIT_QUEUE_URL) });

    const shared = { pool, redis, clock, registry: metrics, logger };
    const catalogue = createCatalogue({ ...shared, region: config.AWS_REGION });
    onStop('catalogue', () => catalogue.stop());
    await catalogue.refresh();
    const inventory = createSeatInventory({
      ...shared,
      dynamodb,
      lockTable: config.LOCK_TABLE,
      readTickets: (saleId) => readSoldTickets(pool, saleId),
      readEndedIntents: (intentIds) => readEndedIntents(pool, intentIds),
      breaker: { enabled: config.LOCK_BREAKER, store: createBreakerEpochs(pool) },
    });
    onStop('inventory', () => inventory.drain());
    const orders = createOrders({
      ...shared,
      sqs,
      queueUrl: config.COMMIT_QUEUE_URL,
      catalogue,
      seatHolds: countFinishedBuyers(inventory, redis),
      provider: createHttpPaymentProvider({
        url: config.PAYMENT_PROVIDER_URL,
        key: config.PAYMENT_PROVIDER_KEY,
      }),
      settings: {
        holdWaitSeconds: config.PAYMENT_WAIT_SEC,
        paymentWaitSeconds: config.PAYMENT_WAIT_SEC,
        resendAfterMs: config.RESEND_AFTER_MS,
      },
    });
    const worker = createConfirmWorker({
      orders,
      sqs,
      logger,
      settings: {
        queueUrl: config.COMMIT_QUEUE_URL,
        dlqUrl: config.COMMIT_DLQ_URL,
        concurrency: config.WORKER_CONCURRENCY,
        visibilityTimeoutSeconds: config.VISIBILITY_TIMEOUT_SEC,
        waitTimeSeconds: config.QUEUE_WAIT_SEC,
        resendEveryMs: config.RESEND_INTERVAL_MS,
        refundEveryMs: config.REFUND_INTERVAL_MS,
        paymentSweepEveryMs: config.PAYMENT_SWEEP_INTERVAL_MS,
      },
    });
    worker.start();
    onStop('worker', () => worker.stop());
    const heartbeat = startHeartbeat({
      ...shared,
      service: 'confirm-worker',
      podName: config.POD_NAME,
      buyersPerSecond: config.POD_BUYERS_PER_SEC,
      readQueueDepth: createQueueDepthReader(sqs, config.COMMIT_QUEUE_URL),
    });
    onStop('heartbeat', () => heartbeat.stop());
    return {};
  },
});
