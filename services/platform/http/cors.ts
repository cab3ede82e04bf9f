import type { HttpApp } from './register-route.ts';

/** Headers our clients send beyond the ones browsers allow by themselves. */
const requestHeaders = 'authorization, content-type, idempotency-key, x-room-token, if-none-match';
/** Headers a page's script may read. */
const responseHeaders = 'etag, location, retry-after, x-idempotent-replay';
const requestMethods = 'GET, HEAD, POST, DELETE';

/**
 * Lets pages of these origins call this service: a page served by one Region's host sells an event of the other. Other
 * origins get no such header, and their browsers refuse. No cookies are involved, so credentials are never allowed.
 * https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function registerCors(app: HttpApp, origins: readonly string[]): void {
  if (origins.length === 0) return;
  const allowed = new Set(origins);
  app.addHook('onRequest', (request, reply, done) => {
    // The answer differs by origin, so a cache must keep it apart, also where none was sent.
    reply.header('vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined || !allowed.has(origin)) {
      done();
      return;
    }
    reply
      .header('access-control-allow-origin', origin)
      .header('access-control-expose-headers', responseHeaders);
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) {
      done();
      return;
    }
    reply
      .header('access-control-allow-methods', requestMethods)
      .header('access-control-allow-headers', requestHeaders)
      .header('access-control-max-age', '7200')
      .code(204)
      .send();
  });
}
