import type { Orders } from '@onsale/orders/create-orders';
import type { TicketCodes } from '@onsale/orders/gate/ticket-codes';
import type { Reservations } from '@onsale/orders/reservations/create-reservations';
import type { Clock } from '@onsale/platform/clock';
import { createServiceApp, type ServiceAppConfig } from '@onsale/platform/http/create-service-app';
import type { HttpApp } from '@onsale/platform/http/register-route';
import { checkBearerFirst } from '@onsale/platform/identity/check-bearer-first';
import type { Identity } from '@onsale/platform/identity/identity';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { registerConfirmRoutes } from './routes/confirm-routes.ts';
import { registerReservationRoutes } from './routes/reservation-routes.ts';

export interface ConfirmApiDeps {
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly orders: Orders;
  readonly reservations: Reservations;
  readonly identity: Identity;
  readonly ticketCodes?: Pick<TicketCodes, 'codeOf'> | undefined;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** The public app of confirm-api: `/confirm` and `/api/reservations`. */
export function createConfirmApi(
  config: ServiceAppConfig & { readonly PAYMENT_WEBHOOK_SECRETS: readonly string[] },
  deps: ConfirmApiDeps,
): HttpApp {
  const { app, limitBuyersOf } = createServiceApp(config, { ...deps, docs: { '/confirm/docs': 'confirm' } });
  checkBearerFirst(app, deps.identity);
  registerConfirmRoutes(app, { ...deps, webhookSecrets: config.PAYMENT_WEBHOOK_SECRETS, limitBuyersOf });
  registerReservationRoutes(app, deps);
  return app;
}
