import httpProxy from '@fastify/http-proxy';
import { fastify, type FastifyInstance } from 'fastify';

/** The three services' route table, as the load balancer's listener rules have it. First match wins. */
const rules = [
  { prefix: '/public', service: 'public-api' },
  { prefix: '/api/reservations', service: 'confirm-api' },
  { prefix: '/api', service: 'public-api' },
  { prefix: '/confirm', service: 'confirm-api' },
] as const;

export type RoutedService = (typeof rules)[number]['service'];

export interface Router {
  /** The one address buyers use. */
  readonly url: string;
  /** Sends new requests to these addresses only, in turn; requests already on their way finish where they are. */
  setTargets(service: RoutedService, addresses: readonly string[]): void;
  close(): Promise<void>;
}

/** Stands in for the load balancer: one address, path rules, several targets a service. Rejects when the port is taken. */
export async function startRouter(port: number): Promise<Router> {
  const targets = new Map<RoutedService, { addresses: readonly string[]; next: number }>();
  const app: FastifyInstance = fastify({
    logger: false,
    bodyLimit: 1_048_576,
    keepAliveTimeout: 75_000,
    forceCloseConnections: true,
    return503OnClosing: false,
    exposeHeadRoutes: false,
  });
  const pick = (service: RoutedService): string => {
    const group = targets.get(service);
    if (!group || group.addresses.length === 0) throw new NoTargetError(service);
    group.next = (group.next + 1) % group.addresses.length;
    return group.addresses[group.next]!;
  };
  for (const { prefix, service } of rules) {
    await app.register(httpProxy, {
      prefix,
      rewritePrefix: prefix,
      upstream: '',
      undici: { connections: 256, pipelining: 1, keepAliveTimeout: 60_000, bodyTimeout: 30_000 },
      replyOptions: {
        getUpstream: () => pick(service),
        onError: (reply, { error }) => {
          void reply
            .code(503)
            .headers({ 'retry-after': '1', 'cache-control': 'no-store' })
            .send({ error: 'unavailable', message: `${service} did not answer: ${error.message}` });
        },
      },
    });
  }
  app.get('/', async (_request, reply) => reply.redirect('/public/docs'));
  app.setErrorHandler((error: Error, _request, reply) =>
    reply
      .code(error instanceof NoTargetError ? 503 : 502)
      .headers({ 'retry-after': '1', 'cache-control': 'no-store' })
      .send({ error: 'unavailable', message: error.message }),
  );
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: 'not_found', message: 'There is no such endpoint' }),
  );
  await app.listen({ host: '127.0.0.1', port }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    throw new Error(`Port ${port} is taken by another program: choose another with --port`, { cause: error });
  });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the router has no TCP address');
  return {
    url: `http://127.0.0.1:${address.port}`,
    setTargets(service, addresses) {
      targets.set(service, { addresses: [...addresses], next: 0 });
    },
    close: () => app.close(),
  };
}

class NoTargetError extends Error {
  constructor(service: RoutedService) {
    super(`No ${service} is ready; try again`);
  }
}
