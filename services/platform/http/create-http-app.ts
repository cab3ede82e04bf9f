import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { ErrorBody } from '@onsale/contracts/http/error-body';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { fastify, LogController } from 'fastify';
import type { Logger } from 'pino';
import { answerClientError } from './answer-client-error.ts';
import { handleErrors } from './handle-errors.ts';
import { handleUnknownPaths } from './handle-unknown-paths.ts';
import type { HttpApp } from './register-route.ts';
import { sendError } from './send-error.ts';

export interface HttpAppOptions {
  readonly logger: Logger;
  /** Largest body taken, bytes. */
  readonly bodyLimitBytes?: number;
  /** How long an idle connection stays open. Default {@link keepAliveTimeoutMs}. */
  readonly keepAliveTimeoutMs?: number;
  /** A request's headers have two thirds of this long to arrive, its body all of it. Default 15 s. */
  readonly requestTimeoutMs?: number;
  /** Proxies in front that append to X-Forwarded-For. Default 0: `request.ip` is the peer's. */
  readonly trustedProxyHops?: number;
}

/**
 * How long an idle connection stays open. It must outlast the load balancer's idle timeout (60 s by default), or the
 * load balancer sends a request into a connection this side is just closing and its buyer sees a 502.
 */
export const keepAliveTimeoutMs = 75_000;

/** A Fastify app with the contract's error bodies, strict bodies, and server timeouts set on purpose. */
export function createHttpApp(options: HttpAppOptions): HttpApp {
  const { logger, bodyLimitBytes = 65_536, requestTimeoutMs = 15_000, trustedProxyHops = 0 } = options;
  const app = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    // A logger of its own for every request costs 2 µs of the 20 a request has; what is logged names its request itself.
    childLoggerFactory: (parent) => parent,
    bodyLimit: bodyLimitBytes,
    keepAliveTimeout: options.keepAliveTimeoutMs ?? keepAliveTimeoutMs,
    // Slow-loris: whoever dribbles holds a connection this long and no longer. Node looks for them at the interval below.
    requestTimeout: requestTimeoutMs,
    connectionTimeout: 0,
    http: {
      headersTimeout: Math.ceil((requestTimeoutMs * 2) / 3),
      connectionsCheckingInterval: Math.ceil(requestTimeoutMs / 5),
      maxHeaderSize: 16_384,
    },
    ...(trustedProxyHops > 0
      ? { trustProxy: (_address: string, hop: number) => hop < trustedProxyHops }
      : {}),
    routerOptions: { maxParamLength: 200 },
    // A draining process still answers what reaches it, with `connection: close`; the load balancer has moved on by then.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: true,
    frameworkErrors: (error, _request, reply) => {
      sendError(reply, 'bad_request', error.message);
    },
    clientErrorHandler: answerClientError,
  }).withTypeProvider<TypeBoxTypeProvider>() as unknown as HttpApp;
  app.server.maxHeadersCount = 100;
  app.removeContentTypeParser('text/plain');
  // Clients name a content type where there is no content, as with DELETE; a route that needs a body says so itself.
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parseJson(request, body, done);
  });

  // Bodies are typed JSON and are taken as they are; query, path and headers are text and are read as their type.
  const strict = addFormats.default(new Ajv({ useDefaults: true, strict: false }));
  const coercing = addFormats.default(new Ajv({ useDefaults: true, coerceTypes: true, strict: false }));
  app.setValidatorCompiler(({ schema, httpPart }) =>
    (httpPart === 'body' ? strict : coercing).compile(schema),
  );
  app.addSchema(ErrorBody);
  handleErrors(app, handleUnknownPaths(app));
  return app;
}
