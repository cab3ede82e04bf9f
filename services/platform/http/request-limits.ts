import rateLimit, { type CreateRateLimitOptions, normalizeIP } from '@fastify/rate-limit';
import type { FastifyRequest } from 'fastify';
import { Counter, type Registry } from 'prom-client';
import { ApiError } from './api-error.ts';
import type { HttpApp } from './register-route.ts';

export interface RequestLimitOptions {
  /** Calls a buyer may make per kind and window; 0 for no limit. */
  readonly perBuyer: number;
  /** Calls a network address may make per window; 0 for no limit. */
  readonly perAddress: number;
  readonly windowSeconds: number;
  readonly registry?: Registry;
}

/**
 * Counts a buyer's call; throws {@link ApiError} throttled, with the seconds left in the window, when it is one too many.
 * Call it with a buyer who is known: checked by bearer or room token, or taken as said where identity is open.
 */
export type LimitBuyer = (buyer: string) => Promise<void>;

/** Makes a {@link LimitBuyer} for one kind of call, such as `hold`; kinds are counted apart. */
export type LimitBuyersOf = (kind: string) => LimitBuyer;

/**
 * Limits in this process's memory, over fixed windows. They are against a client gone wild; fairness between buyers is
 * the waiting room's. 1 µs a call, measured. Call it before routes are registered.
 */
export function registerRequestLimits(app: HttpApp, options: RequestLimitOptions): LimitBuyersOf {
  const { perBuyer, perAddress, windowSeconds, registry } = options;
  const throttled =
    registry &&
    new Counter({
      name: 'onsale_http_requests_throttled_total',
      help: 'Requests refused with 429 throttled, by what they were counted by',
      labelNames: ['kind'],
      registers: [registry],
    });
  app.register(rateLimit, { global: false });
  const limiterOf = (kind: string, max: number) => {
    // Made at the first call: the plugin is loaded by then.
    let limiter: ReturnType<HttpApp['createRateLimit']> | undefined;
    return async (key: string) => {
      limiter ??= app.createRateLimit({
        max,
        timeWindow: windowSeconds * 1000,
        keyGenerator: (call) => (call as unknown as Call).key,
        cache: remembered,
      } as CreateRateLimitOptions);
      const result = await limiter({ key, routeOptions: {} } satisfies Call as unknown as FastifyRequest);
      if (result.isAllowed || !result.isExceeded) return;
      throttled?.inc({ kind });
      throw new ApiError('throttled', 'Too many requests; slow down', {
        retryAfterSec: Math.max(1, result.ttlInSeconds),
      });
    };
  };
  if (perAddress > 0) {
    const limitAddress = limiterOf('address', perAddress);
    app.addHook('onRequest', async (request) => {
      if (!request.url.endsWith('/health')) await limitAddress(normalizeIP(request.ip));
    });
  }
  return (kind) => (perBuyer > 0 ? limiterOf(kind, perBuyer) : async () => undefined);
}

/** What the limiter reads of a request: its key is what is counted, not where it came from. */
interface Call {
  readonly key: string;
  readonly routeOptions: object;
}

/** Keys remembered per kind, about 15 MB of them; the one not seen for longest is forgotten first. */
const remembered = 100_000;
