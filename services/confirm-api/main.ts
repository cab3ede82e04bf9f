import { ConfirmApiEnv } from '@onsale/contracts/env/confirm-api';
import { createSeatInventory } from '@onsale/inventory/create-seat-inventory';
import { createBreakerEpochs } from '@onsale/orders/breaker-epochs';
import { createCatalogue } from '@onsale/orders/catalogue/create-catalogue';
import { createOrders } from '@onsale/orders/create-orders';
import { createTicketCodes } from '@onsale/orders/gate/ticket-codes';
import { createHttpPaymentProvider } from '@onsale/orders/payments/http-payment-provider';
import { readEndedIntents } from '@onsale/orders/queries/read-ended-intents';
import { readSoldTickets } from '@onsale/orders/queries/read-sold-tickets';
import { createReservations } from '@onsale/orders/reservations/create-reservations';
import { connectStores } from '@onsale/platform/connect-stores';
import { createIdentity } from '@onsale/platform/identity/create-identity';
import { sqsCheck } from '@onsale/platform/readiness-checks';
import { runService } from '@onsale/platform/run-service';
import { createSqs } from '@onsale/platform/sqs';
import { startHeartbeat } from '@onsale/waiting-room/admission/start-heartbeat';
import { createConfirmApi } from './app.ts';

await runService({
  name: 'confirm-api',
  schema: ConfirmApiEnv,
  async start(context) {
    const { config, logger, metrics, internal, onStop } = context;
    const { pool, redis, dynamodb, clock } = await connectStores('confirm-api', context);
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
      seatHolds: inventory,
      provider: createHttpPaymentProvider({
        url: config.PAYMENT_PROVIDER_URL,
        key: config.PAYMENT_PROVIDER_KEY,
      }),
      settings: { holdWaitSeconds: config.PAYMENT_WAIT_SEC, paymentWaitSeconds: config.PAYMENT_WAIT_SEC },
    });
    onStop('orders', () => orders.drain());
    const reservations = createReservations({ ...shared, catalogue });
    onStop('reservations', () => reservations.drain());
    const identity = createIdentity({
      mode: config.IDENTITY,
      jwksUrl: config.JWKS_URL,
      localKey: config.LOCAL_JWT_KEY,
      issuer: config.JWT_ISSUER,
      audience: config.JWT_AUDIENCE,
      rolesClaim: config.JWT_ROLES_CLAIM,
      registry: metrics,
    });
    const heartbeat = startHeartbeat({
      ...shared,
      service: 'confirm-api',
      podName: config.POD_NAME,
      buyersPerSecond: config.POD_BUYERS_PER_SEC,
    });
    onStop('heartbeat', () => heartbeat.stop());
    return {
      app: createConfirmApi(config, {
        logger,
        metrics,
        orders,
        reservations,
        identity,
        clock,
        ticketCodes: config.TICKET_KEYS && createTicketCodes(config.TICKET_KEYS),
      }),
    };
  },
});
