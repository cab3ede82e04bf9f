import type { HttpEnv } from '@onsale/contracts/env/common';
import type { ApiSlice } from '@onsale/contracts/openapi/ticketing-api';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { logAccess } from './access-log.ts';
import { originHeadersOf, registerCors } from './cors.ts';
import { createHttpApp } from './create-http-app.ts';
import { registerDocs } from './docs.ts';
import { type AddFastRoute, mountFastPath } from './fast-path.ts';
import { registerHttpMetrics } from './http-metrics.ts';
import type { HttpApp } from './register-route.ts';
import { type LimitBuyersOf, registerRequestLimits } from './request-limits.ts';
import { registerShedding } from './shedding.ts';

/** The settings that shape a public app. */
export type ServiceAppConfig = Pick<
  HttpEnv,
  | 'BODY_LIMIT_BYTES'
  | 'KEEP_ALIVE_TIMEOUT_MS'
  | 'TRUSTED_PROXY_HOPS'
  | 'ACCESS_LOG'
  | 'DOCS'
  | 'CORS_ORIGINS'
  | 'SHED_REQUESTS_IN_FLIGHT'
  | 'BUYER_LIMIT'
  | 'BUYER_LIMIT_WINDOW_SEC'
  | 'ADDRESS_LIMIT'
>;

export interface ServiceAppParts {
  readonly logger: Logger;
  readonly metrics: Registry;
  /** Docs pages by their path, as in `{ '/public/docs': 'public' }`. */
  readonly docs: Readonly<Record<string, ApiSlice>>;
  /** What is refused first where there is too much to do, by its address. */
  readonly isNewcomer?: (url: string) => boolean;
}

/**
 * The public app of a service as its settings want it: measured, shedding, limited, documented. Register routes on `app`
 * and await `app.ready()`; `limitBuyersOf('hold')` gives the check a handler calls with a buyer it knows, and `addFastRoute`
 * answers ahead of a handler what memory knows.
 */
export function createServiceApp(
  config: ServiceAppConfig,
  { logger, metrics, docs, isNewcomer }: ServiceAppParts,
): { app: HttpApp; limitBuyersOf: LimitBuyersOf; addFastRoute: AddFastRoute } {
  const app = createHttpApp({
    logger,
    bodyLimitBytes: config.BODY_LIMIT_BYTES,
    keepAliveTimeoutMs: config.KEEP_ALIVE_TIMEOUT_MS,
    trustedProxyHops: config.TRUSTED_PROXY_HOPS,
  });
  const observerOf = registerHttpMetrics(app, metrics);
  if (config.ACCESS_LOG) logAccess(app);
  registerCors(app, config.CORS_ORIGINS);
  const originHeaders = originHeadersOf(config.CORS_ORIGINS);
  registerShedding(app, {
    maxInFlight: config.SHED_REQUESTS_IN_FLIGHT,
    isNewcomer,
    registry: metrics,
    observerOf,
    originHeaders,
  });
  const limitBuyersOf = registerRequestLimits(app, {
    perBuyer: config.BUYER_LIMIT,
    perAddress: config.ADDRESS_LIMIT,
    windowSeconds: config.BUYER_LIMIT_WINDOW_SEC,
    registry: metrics,
  });
  if (config.DOCS) for (const [path, slice] of Object.entries(docs)) registerDocs(app, path, slice);
  // What is told or counted of every single request is the hooks' work.
  const addFastRoute =
    config.ACCESS_LOG || config.ADDRESS_LIMIT > 0
      ? () => undefined
      : mountFastPath(app, { observerOf, originHeaders });
  return { app, limitBuyersOf, addFastRoute };
}
