import { errorStatus, type ErrorCode } from '@onsale/contracts/error-codes';
import type { FastifyReply } from 'fastify';

/** Answers with the contract's error body. Errors are never stored by a cache; 429 and 503 say when to come back. */
export function sendError(
  reply: FastifyReply,
  code: ErrorCode,
  message: string,
  retryAfterSec?: number,
): FastifyReply {
  const status = errorStatus[code];
  if (status === 503 || status === 429) void reply.header('retry-after', String(retryAfterSec ?? 1));
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .serializer(JSON.stringify)
    .send({ error: code, message });
}
