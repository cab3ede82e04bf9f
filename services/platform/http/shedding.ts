import type { ErrorBody } from '@onsale/contracts/http/error-body';
import { Counter, Gauge, type Registry } from 'prom-client';
import { putAhead } from './ahead-of-framework.ts';
import type { OriginHeaders } from './cors.ts';
import type { ObserverOf } from './http-metrics.ts';
import type { HttpApp } from './register-route.ts';

export interface SheddingOptions {
  /** Requests taken and not yet answered, above which more are refused; 0 for no limit. */
  readonly maxInFlight: number;
  /** What is refused at half of that already, by its address: newcomers, before those whose turn it is. */
  readonly yields?: ((url: string) => boolean) | undefined;
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
  { maxInFlight, yields, registry, observerOf, originHeaders }: SheddingOptions,
): void {
  let inFlight = 0;
  new Gauge({
    name: 'onsale_http_requests_in_flight',
    help: 'Requests taken and not yet answered',
    registers: [registry],
    collect() {
      this.set(inFlight);
    },
  });
  const limit = maxInFlight || Infinity;
  const shed = new Counter({
    name: 'onsale_http_requests_shed_total',
    help: 'Requests refused with 503 overloaded because too many were in flight',
    registers: [registry],
  });
  const observe = observerOf('shed', 'any');
  const ended = () => {
    inFlight--;
  };
  putAhead(app, (request, response) => {
    const url = request.url!;
    const room = inFlight < limit / 2 || (inFlight < limit && !yields?.(url));
    if (room || request.method === 'OPTIONS' || url.endsWith('/health')) {
      inFlight++;
      // Of every answer the last, also where its reader has gone.
      response.on('close', ended);
      return false;
    }
    response.writeHead(503, [...refusalHeaders, ...originHeaders(request.headers.origin)]);
    response.end(refusal, 'latin1');
    shed.inc();
    observe(503, 0);
    return true;
  });
}

const refusal = JSON.stringify({
  error: 'overloaded',
  message: 'Too many requests just now; try again',
} satisfies ErrorBody);

const refusalHeaders = [
  'content-type',
  'application/json; charset=utf-8',
  'cache-control',
  'no-store',
  'retry-after',
  '1',
  'content-length',
  String(refusal.length),
] as const;
