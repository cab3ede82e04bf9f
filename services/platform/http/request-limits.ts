import { normalizeIP } from '@fastify/rate-limit';
import { Counter, type Registry } from 'prom-client';
import { ApiError } from './api-error.ts';
import { createCallCounter } from './call-counter.ts';
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
export type LimitBuyer = (buyer: string) => void;

/** Makes a {@link LimitBuyer} for one kind of call, such as `hold`; kinds are counted apart. */
export type LimitBuyersOf = (kind: string) => LimitBuyer;

/**
 * Limits in this process's memory, over fixed windows. They are against a client gone wild; fairness between buyers is
 * the waiting room's. Call it before routes are registered. What a call costs is in ADR 42.
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
  const limiterOf = (kind: string, max: number) => {
    const count = createCallCounter(windowSeconds * 1000);
    return (key: string) => {
      const { calls, leftMs } = count(key);
      if (calls <= max) return;
      throttled?.inc({ kind });
      throw new ApiError('throttled', 'Too many requests; slow down', {
        retryAfterSec: Math.max(1, Math.ceil(leftMs / 1000)),
      });
    };
  };
  if (perAddress > 0) {
    const limitAddress = limiterOf('address', perAddress);
    // Async, so that what it throws is the request's error.
    app.addHook('onRequest', async (request) => {
      if (!request.url.endsWith('/health')) limitAddress(normalizeIP(request.ip));
    });
  }
  return (kind) => (perBuyer > 0 ? limiterOf(kind, perBuyer) : () => undefined);
}
