import { PublicApiEnv } from '@onsale/contracts/env/public-api';
import { createInventoryKeeper } from '@onsale/inventory/inventory-keeper';
import { createSeatInventory } from '@onsale/inventory/create-seat-inventory';
import { createBreakerEpochs } from '@onsale/orders/breaker-epochs';
import { createCatalogue } from '@onsale/orders/catalogue/create-catalogue';
import { createEventListing } from '@onsale/orders/catalogue/event-listing';
import { readEndedIntents } from '@onsale/orders/queries/read-ended-intents';
import { readSoldTickets } from '@onsale/orders/queries/read-sold-tickets';
import { connectStores } from '@onsale/platform/connect-stores';
import { createIdentity } from '@onsale/platform/identity/create-identity';
import { runService } from '@onsale/platform/run-service';
import { currentSale } from '@onsale/contracts/sale/sale-window';
import { nameOfPod, startHeartbeat } from '@onsale/waiting-room/admission/start-heartbeat';
import { createWaitingRoom } from '@onsale/waiting-room/create-waiting-room';
import { registerAdminRoutes } from './admin/admin-routes.ts';
import { createBuyerData } from './admin/buyer-data.ts';
import { createSaleStatusReader } from './admin/read-sale-status.ts';
import { createTicketChecker } from './admin/check-ticket.ts';
import { prepareSale } from './admin/prepare-sale.ts';
import { createPublicApi } from './app.ts';
import { createSeatsReader } from './read-seats.ts';
import { roomTokenKeys } from './room-token-keys.ts';

await runService({
  name: 'public-api',
  schema: PublicApiEnv,
  async start(context) {
    const { config, logger, metrics, internal, onStop } = context;
    const { pool, redis, dynamodb, clock } = await connectStores('public-api', context);

    const shared = { pool, redis, clock, registry: metrics, logger };
    const region = config.AWS_REGION;
    const catalogue = createCatalogue({ ...shared, region });
    onStop('catalogue', () => catalogue.stop());
    await catalogue.refresh();
    const inventory = createSeatInventory({
      ...shared,
      dynamodb,
      lockTable: config.LOCK_TABLE,
      readTickets: (saleId) => readSoldTickets(pool, saleId),
      readEndedIntents: (intentIds) => readEndedIntents(pool, intentIds),
      breaker: { enabled: config.LOCK_BREAKER, store: createBreakerEpochs(pool) },
      readTtlMs: config.SEAT_CACHE_MS,
    });
    onStop('inventory', () => inventory.drain());
    const isHome = ({ homeRegion }: { readonly homeRegion: string }) =>
      homeRegion === region || homeRegion === 'local';
    const keeper = createInventoryKeeper({ ...shared, catalogue, inventory, isHome });
    keeper.start();
    onStop('inventory keeper', () => keeper.stop());
    const room = createWaitingRoom({
      ...shared,
      catalogue,
      tokenKeys: roomTokenKeys(config.ROOM_TOKEN_KEYS),
      admission: config.ADMISSION_STEERED
        ? {
            podName: nameOfPod(config.POD_NAME),
            settings: {
              p95TargetMs: config.ADMISSION_P95_MS,
              backlogTargetSeconds: config.ADMISSION_BACKLOG_SEC,
            },
            readSeats: createSeatsReader(inventory),
          }
        : undefined,
    });
    await room.start();
    onStop('waiting room', () => room.stop());
    const heartbeat = startHeartbeat({
      ...shared,
      service: 'public-api',
      podName: config.POD_NAME,
      buyersPerSecond: config.POD_BUYERS_PER_SEC,
    });
    onStop('heartbeat', () => heartbeat.stop());
    const events = createEventListing({
      ...shared,
      catalogue,
      region,
      freeSeats: (published) =>
        inventory.countFree(published, currentSale(published.event, clock.nowMs()).saleId),
      apiBaseOf: (homeRegion) => (isHome({ homeRegion }) ? config.API_BASE : ''),
    });
    const identity = createIdentity({
      mode: config.IDENTITY,
      jwksUrl: config.JWKS_URL,
      localKey: config.LOCAL_JWT_KEY,
      issuer: config.JWT_ISSUER,
      audience: config.JWT_AUDIENCE,
      rolesClaim: config.JWT_ROLES_CLAIM,
      registry: metrics,
    });
    registerAdminRoutes(internal.app, {
      adminToken: config.ADMIN_TOKEN,
      catalogue,
      clock,
      prepareSale: (published) => prepareSale(published, { room, inventory, clock }),
      changeRate: (published, sale, change) => room.changeRate(published, sale, change),
      readSaleStatus: createSaleStatusReader({ ...shared, catalogue, room, inventory }),
      checkTicket: createTicketChecker(pool, config.TICKET_KEYS),
      buyers: createBuyerData({ ...shared, dynamodb, lockTable: config.LOCK_TABLE, catalogue }),
    });
    return {
      app: createPublicApi(config, {
        logger,
        metrics,
        catalogue,
        inventory,
        room,
        events,
        identity,
        clock,
        pingDatabase: () => pool.query('SELECT 1'),
        pingRedis: () => redis.ping(),
      }),
    };
  },
});
