import type { HttpApp } from './register-route.ts';

/** Headers our clients send beyond the ones browsers allow by themselves. */
const requestHeaders = 'authorization, content-type, idempotency-key, x-room-token, if-none-match';
/** Headers a page's script may read. */
const responseHeaders = 'etag, location, retry-after, x-idempotent-replay';
const requestMethods = 'GET, HEAD, POST, DELETE';

/** What every answer to a page says of its origin: names and values by turns. */
export type OriginHeaders = (origin: string | undefined) => readonly string[];

/** Makes what {@link registerCors} says of an origin, for answers no hook sees. */
export function originHeadersOf(origins: readonly string[]): OriginHeaders {
  if (origins.length === 0) return () => [];
  // The answer differs by origin, so a cache must keep it apart, also where none was sent.
  const vary = ['vary', 'Origin'];
  const allowed = new Map(
    origins.map((origin) => [
      origin,
      [...vary, 'access-control-allow-origin', origin, 'access-control-expose-headers', responseHeaders],
    ]),
  );
  return (origin) => (origin !== undefined && allowed.get(origin)) || vary;
}

/**
 * Lets pages of these origins call this service: a page served by one Region's host sells an event of the other. Other
 * origins get no such header, and their browsers refuse. No cookies are involved, so credentials are never allowed.
 * https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function registerCors(app: HttpApp, origins: readonly string[]): void {
  if (origins.length === 0) return;
  const headersOf = originHeadersOf(origins);
  app.addHook('onRequest', (request, reply, done) => {
    const headers = headersOf(request.headers.origin);
    for (let index = 0; index < headers.length; index += 2) reply.header(headers[index]!, headers[index + 1]);
    const isPreflight =
      request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
    if (!isPreflight || !origins.includes(request.headers.origin ?? '')) {
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
