import type { IncomingMessage } from 'node:http';
import type { RouteContract } from '@onsale/contracts/http/route-contract';
import type { FastifyReply } from 'fastify';
import { putAhead, type Take } from './ahead-of-framework.ts';
import type { OriginHeaders } from './cors.ts';
import type { ObserverOf } from './http-metrics.ts';
import { type HttpApp, patternOf } from './register-route.ts';

/** An answer with nothing left to compute. */
export interface ReadyAnswer {
  readonly status: number;
  /** Names and values by turns, without the content's length. */
  readonly headers: readonly string[];
  /** None with 304. */
  readonly body?: string | Buffer;
}

/** What a process can tell from memory about the requests of one route. */
export interface FastRoute {
  /** A GET. */
  readonly route: RouteContract;
  /** What its addresses begin with, and no other route's do. */
  readonly prefix: string;
  /**
   * The very answer the route's handler would give, or undefined wherever that takes more than memory, or is an error.
   * No I/O.
   */
  readonly find: (request: IncomingMessage, url: string) => ReadyAnswer | undefined;
}

/** Sends it the ordinary way. */
export function sendReady(reply: FastifyReply, { status, headers, body }: ReadyAnswer): FastifyReply {
  for (let index = 0; index < headers.length; index += 2) {
    const [name, value] = headers.slice(index, index + 2) as [string, string];
    void reply.header(
      name,
      name === 'vary' && reply.hasHeader(name) ? `${String(reply.getHeader(name))}, ${value}` : value,
    );
  }
  return reply.code(status).send(body);
}

export type AddFastRoute = (route: FastRoute) => void;

export interface FastPathOptions {
  readonly observerOf: ObserverOf;
  readonly originHeaders: OriginHeaders;
}

/**
 * Answers what is asked most and known already before the framework sees the request: routing, validation, hooks, request
 * and reply are a quarter of what such a request costs (ADR 37). Whatever is not found goes the ordinary way; the handler there
 * defines the answer, and a test compares the two. Under pressure too: a refusal would cost as much.
 */
export function mountFastPath(app: HttpApp, { observerOf, originHeaders }: FastPathOptions): AddFastRoute {
  const routes: (FastRoute & { observe: ReturnType<ObserverOf> })[] = [];
  const answer: Take = (request, response) => {
    const url = request.url!;
    const fast = routes.find(({ prefix }) => url.startsWith(prefix));
    if (!fast || request.method !== 'GET') return false;
    const beganMs = performance.now();
    let found: ReadyAnswer | undefined;
    try {
      found = fast.find(request, url);
    } catch {
      // The handler meets the same error, and there it is told of.
    }
    if (!found) return false;
    const { status, headers, body } = found;
    const head = [...originHeaders(request.headers.origin), ...headers];
    if (body === undefined) {
      response.writeHead(status, head);
      response.end();
    } else {
      const length = Buffer.byteLength(body);
      head.push('content-length', String(length));
      response.writeHead(status, head);
      // Text of single bytes need not be encoded.
      response.end(body, length === body.length ? 'latin1' : 'utf8');
    }
    fast.observe(status, performance.now() - beganMs);
    return true;
  };

  return ({ route, ...rest }) => {
    routes.push({ ...rest, route, observe: observerOf(patternOf(route), route.method) });
    if (routes.length === 1) putAhead(app, answer);
  };
}
