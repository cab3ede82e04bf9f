import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { ErrorBody } from '@onsale/contracts/http/error-body';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { fastify, type FastifyError } from 'fastify';
import type { Logger } from 'pino';
import { asUnavailable } from '../engine-errors.ts';
import { ApiError } from './api-error.ts';
import type { HttpApp } from './register-route.ts';
import { sendError } from './send-error.ts';

export interface HttpAppOptions {
  readonly logger: Logger;
  /** Largest body taken, bytes. */
  readonly bodyLimitBytes?: number;
}

/**
 * How long an idle connection stays open. It must outlast the load balancer's idle timeout (60 s by default), or the
 * load balancer sends a request into a connection this side is just closing and its buyer sees a 502.
 */
export const keepAliveTimeoutMs = 75_000;

/** A Fastify app with the contract's error bodies, strict bodies, and server timeouts set on purpose. */
export function createHttpApp({ logger, bodyLimitBytes = 65_536 }: HttpAppOptions): HttpApp {
  const app = fastify({
    loggerInstance: logger,
    disableRequestLogging: true,
    bodyLimit: bodyLimitBytes,
    keepAliveTimeout: keepAliveTimeoutMs,
    // Slow-loris: a request's headers and body have this long to arrive.
    requestTimeout: 15_000,
    connectionTimeout: 0,
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
  app.server.headersTimeout = 10_000;
  app.server.maxHeadersCount = 100;

  // Bodies are typed JSON and are taken as they are; query, path and headers are text and are read as their type.
  const strict = addFormats.default(new Ajv({ useDefaults: true, strict: false }));
  const coercing = addFormats.default(new Ajv({ useDefaults: true, coerceTypes: true, strict: false }));
  app.setValidatorCompiler(({ schema, httpPart }) =>
    (httpPart === 'body' ? strict : coercing).compile(schema),
  );
  app.addSchema(ErrorBody);

  app.setErrorHandler((error: FastifyError | ApiError, request, reply) => {
    if (error instanceof ApiError) {
      if (error.status >= 500) {
        request.log.warn({ event: 'request_refused', code: error.code, err: error.cause }, error.message);
      }
      return sendError(reply, error.code, error.message, error.retryAfterSec);
    }
    if (error.validation) {
      const part = error.validationContext ?? 'body';
      const first = error.validation[0];
      const field = first?.instancePath.replaceAll('/', '.') ?? '';
      return sendError(reply, 'bad_request', `${part}${field} ${first?.message ?? 'is not valid'}`);
    }
    if (error.statusCode === 413) return sendError(reply, 'payload_too_large', 'The body is too large');
    if (error.statusCode === 415) {
      return sendError(reply, 'unsupported_media_type', 'Send the body as application/json');
    }
    if (error.statusCode === 429) return sendError(reply, 'throttled', error.message);
    if (error.statusCode === 503) return sendError(reply, 'overloaded', error.message);
    if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
      return sendError(reply, 'bad_request', error.message);
    }
    const unavailable = asUnavailable(error);
    if (unavailable) {
      request.log.warn(
        { event: 'engine_unavailable', err: error, route: request.routeOptions.url },
        error.message,
      );
      return sendError(reply, unavailable.code, unavailable.message, unavailable.retryAfterSec);
    }
    request.log.error(
      { event: 'request_failed', err: error, route: request.routeOptions.url },
      'Request failed',
    );
    return sendError(reply, 'internal_error', 'Something went wrong on our side; try again');
  });
  app.setNotFoundHandler((_request, reply) => sendError(reply, 'not_found', 'There is no such endpoint'));
  return app;
}

/** Answers bytes that are no HTTP, or too slow, with the error body too; nothing else can be said on that connection. */
function answerClientError(error: NodeJS.ErrnoException, socket: import('node:net').Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', 'The headers are too large']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['408 Request Timeout', 'The request took too long to arrive']
        : ['400 Bad Request', 'This is not a valid HTTP request'];
  const body = JSON.stringify({ error: 'bad_request', message });
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
