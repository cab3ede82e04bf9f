import type { RouteContract } from '@onsale/contracts/http/route-contract';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyBaseLogger, RawServerDefault, RouteHandlerMethod } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A Fastify instance whose handlers are typed by the route's schemas. */
export type HttpApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

type Handler<Contract extends RouteContract> = RouteHandlerMethod<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  object,
  unknown,
  Contract['schema'],
  TypeBoxTypeProvider
>;

/** The contract's address as the router and the metrics spell it. */
export const patternOf = ({ url }: RouteContract): string => url.replace(/\{(\w+)\}/g, ':$1');

/** Serves a contract's endpoint with this handler. */
export function registerRoute<Contract extends RouteContract>(
  app: HttpApp,
  contract: Contract,
  handler: Handler<Contract>,
): void {
  app.route({
    method: contract.method,
    url: patternOf(contract),
    schema: contract.schema,
    handler: handler,
  });
}
