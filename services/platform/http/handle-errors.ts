import type { ErrorCode } from '@onsale/contracts/error-codes';
import type { FastifyError, FastifyRequest } from 'fastify';
import { asUnavailable } from '../engine-errors.ts';
import { createLogThrottle } from '../log-throttle.ts';
import { ApiError } from './api-error.ts';
import type { AnswerUnknownPath } from './handle-unknown-paths.ts';
import type { HttpApp } from './register-route.ts';
import { sendError } from './send-error.ts';

/** What Fastify and its plugins refuse, by their status. */
const codeOfStatus: Readonly<Record<number, readonly [ErrorCode, string?]>> = {
  413: ['payload_too_large', 'The body is too large'],
  415: ['unsupported_media_type', 'Send the body as application/json'],
  429: ['throttled'],
  503: ['overloaded'],
};

/** Turns every thrown error into the contract's error body, and logs what is our fault: once a second per route and code. */
export function handleErrors(app: HttpApp, answerUnknownPath: AnswerUnknownPath): void {
  const throttle = createLogThrottle(1000);
  const log = (
    request: FastifyRequest,
    level: 'warn' | 'error',
    event: string,
    code: ErrorCode,
    err: unknown,
  ) => {
    const route = request.routeOptions.url ?? 'unknown';
    const turn = throttle(`${route} ${code}`);
    if (turn === undefined) return;
    request.log[level](
      { event, code, route, reqId: request.id, traceId: request.headers['x-amzn-trace-id'], err, ...turn },
      err instanceof Error ? err.message : undefined,
    );
  };

  app.setErrorHandler((error: FastifyError | ApiError, request, reply) => {
    if (error instanceof ApiError) {
      // Shedding is counted; a line for each would be the next load.
      if (error.status >= 500 && error.code !== 'overloaded') {
        log(request, 'warn', 'request_refused', error.code, error.cause ?? error);
      }
      return sendError(reply, error.code, error.message, error.retryAfterSec);
    }
    // What is wrong with a body nobody would have read does not matter.
    if (request.is404) return answerUnknownPath(request, reply);
    if (error.validation) {
      const part = error.validationContext ?? 'body';
      const first = error.validation[0];
      const field = first?.instancePath.replaceAll('/', '.') ?? '';
      return sendError(reply, 'bad_request', `${part}${field} ${first?.message ?? 'is not valid'}`);
    }
    // Only Fastify's own refusals are the caller's fault by their status; other libraries' errors carry statuses too.
    const status = error.code?.startsWith('FST_') ? (error.statusCode ?? 500) : 500;
    const known = codeOfStatus[status];
    if (known) return sendError(reply, known[0], known[1] ?? error.message);
    if (status >= 400 && status < 500) return sendError(reply, 'bad_request', error.message);
    const unavailable = asUnavailable(error);
    if (unavailable) {
      log(request, 'warn', 'engine_unavailable', unavailable.code, error);
      return sendError(reply, unavailable.code, unavailable.message, unavailable.retryAfterSec);
    }
    log(request, 'error', 'request_failed', 'internal_error', error);
    return sendError(reply, 'internal_error', 'Something went wrong on our side; try again');
  });
}
