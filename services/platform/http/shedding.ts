import type { ErrorBody } from '@onsale/contracts/http/error-body';
import { Counter, Gauge, type Registry } from 'prom-client';
import { putAhead } from './ahead-of-framework.ts';
import type { OriginHeaders } from './cors.ts';
import type { ObserverOf } from './http-metrics.ts';
import type { HttpApp } from './register-route.ts';
import { createShedPolicy, longestRetrySeconds } from './shed-policy.ts';

export interface SheddingOptions {
  /** Requests in flight below which none is refused; 0 for no limit. */
  readonly maxInFlight: number;
  /** Newcomers, by the address they ask: they are refused before those whose turn it is. */
  readonly isNewcomer?: ((url: string) => boolean) | undefined;
  readonly registry: Registry;
  readonly observerOf: ObserverOf;
  readonly originHeaders: OriginHeaders;
}

/**
 * Has a process refuse what it cannot keep up with, by 503 overloaded and Retry-After: a request refused at once costs its
 * buyer a second, one that queues costs everybody. Requests in flight are what queues, whatever is slow; the event loop's
 * delay is not (ADR 39). Refused before the framework has seen it, or refusing would take what is left of the processor. Health
 * answers go on: a busy process is no dead one.
 */
export function registerShedding(
  app: HttpApp,
  { maxInFlight, isNewcomer, registry, observerOf, originHeaders }: SheddingOptions,
): void {
  const policy = createShedPolicy(maxInFlight);
  new Gauge({
    name: 'onsale_http_requests_in_flight',
    help: 'Requests taken and not yet answered',
    registers: [registry],
    collect() {
      this.set(policy.inFlight);
    },
  });
  const shed = new Counter({
    name: 'onsale_http_requests_shed_total',
    help: 'Requests refused with 503 overloaded because too many were in flight',
    registers: [registry],
  });
  const observe = observerOf('shed', 'any');
  const ended = () => policy.ended();
  putAhead(app, (request, response) => {
    const url = request.url!;
    const isNew = isNewcomer?.(url) ?? false;
    if (request.method === 'OPTIONS' || url.endsWith('/health')) {
      policy.take();
    } else if (!policy.takes(isNew, performance.now())) {
      const headers = refusalHeaders[policy.retryAfterSeconds(isNew) - 1]!;
      response.writeHead(503, [...headers, ...originHeaders(request.headers.origin)]);
      response.end(refusal, 'latin1');
      shed.inc();
      observe(503, 0);
      return true;
    }
    // Of every answer the last, also where its reader has gone.
    response.on('close', ended);
    return false;
  });
}

const refusal = JSON.stringify({
  error: 'overloaded',
  message: 'Too many requests just now; try again',
} satisfies ErrorBody);

/** One for each Retry-After, from a second on. */
const refusalHeaders = Array.from({ length: longestRetrySeconds }, (_, index) => [
  'content-type',
  'application/json; charset=utf-8',
  'cache-control',
  'no-store',
  'retry-after',
  String(index + 1),
  'content-length',
  String(refusal.length),
]);
