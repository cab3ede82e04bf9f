import { enterRoute } from '@onsale/contracts/http/public-routes';
import type { SeatInventory } from '@onsale/inventory/seat-inventory';
import type { Catalogue } from '@onsale/orders/catalogue/create-catalogue';
import type { EventListing } from '@onsale/orders/catalogue/event-listing';
import type { Clock } from '@onsale/platform/clock';
import { createServiceApp, type ServiceAppConfig } from '@onsale/platform/http/create-service-app';
import type { HttpApp } from '@onsale/platform/http/register-route';
import { checkBearerFirst } from '@onsale/platform/identity/check-bearer-first';
import type { Identity } from '@onsale/platform/identity/identity';
import type { WaitingRoom } from '@onsale/waiting-room/waiting-room';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { registerEventRoutes } from './routes/event-routes.ts';
import { registerHealthRoutes } from './routes/health-routes.ts';
import { registerHoldRoutes } from './routes/hold-routes.ts';
import { registerPingRoutes } from './routes/ping-routes.ts';
import { registerRoomRoutes } from './routes/room-routes.ts';
import { registerSeatRoutes } from './routes/seat-routes.ts';

export interface PublicApiDeps {
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly catalogue: Pick<Catalogue, 'find' | 'known' | 'list'>;
  readonly inventory: SeatInventory;
  readonly room: WaitingRoom;
  readonly events: EventListing;
  readonly identity: Identity;
  readonly clock: Clock;
  readonly pingDatabase: () => Promise<unknown>;
  readonly pingRedis: () => Promise<unknown>;
}

/** The public app of public-api: `/public`, `/api/health` and `/api/events`. */
export function createPublicApi(config: ServiceAppConfig, deps: PublicApiDeps): HttpApp {
  const { app, limitBuyersOf, addFastRoute } = createServiceApp(config, {
    ...deps,
    docs: { '/public/docs': 'public', '/api/docs': 'api' },
    // Who is in already comes before who wants in: a hold takes a second, a place in the line can be had a second later.
    isNewcomer: (url) => url.startsWith(enterRoute.url),
  });
  checkBearerFirst(app, deps.identity);
  registerPingRoutes(app);
  registerHealthRoutes(app, deps);
  registerEventRoutes(app, deps);
  registerRoomRoutes(app, { ...deps, limitBuyersOf, addFastRoute });
  registerSeatRoutes(app, { ...deps, addFastRoute });
  registerHoldRoutes(app, { ...deps, limitBuyersOf });
  return app;
}
