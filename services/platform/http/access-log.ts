import type { HttpApp } from './register-route.ts';

/** Writes one line per request: the route's pattern, never its address, which can hold tokens and user ids. */
export function logAccess(app: HttpApp): void {
  app.addHook('onResponse', (request, reply, done) => {
    request.log.info({
      event: 'request',
      method: request.method,
      route: request.routeOptions.url ?? 'unknown',
      status: reply.statusCode,
      elapsedMs: Math.round(reply.elapsedTime * 100) / 100,
      reqId: request.id,
      traceId: request.headers['x-amzn-trace-id'],
    });
    done();
  });
}
