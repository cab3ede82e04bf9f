import type { HttpApp } from './register-route.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The body's bytes as they came, on routes registered by {@link withRawBody}. */
    rawBody: Buffer | null;
  }
}

/**
 * Registers routes whose handlers also see the bytes of the body as `request.rawBody`: a signature is over those, and
 * parsing and printing again would not give them back.
 */
export function withRawBody(app: HttpApp, registerRoutes: (scope: HttpApp) => void): void {
  app.register(async (scope) => {
    scope.decorateRequest('rawBody', null);
    const parseJson = scope.getDefaultJsonParser('error', 'error');
    scope.removeContentTypeParser('application/json');
    scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
      request.rawBody = body as Buffer;
      if (request.rawBody.length === 0) {
        done(
          Object.assign(new Error('The body is empty'), {
            code: 'FST_ERR_CTP_EMPTY_JSON_BODY',
            statusCode: 400,
          }),
        );
        return;
      }
      void parseJson(request, request.rawBody.toString('utf8'), done);
    });
    registerRoutes(scope);
  });
}
