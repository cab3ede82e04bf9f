import { type ApiSlice, ticketingApi } from '@onsale/contracts/openapi/ticketing-api';
import type { FastifyInstance, RouteHandlerMethod } from 'fastify';
import type { HttpApp } from './register-route.ts';

/**
 * Serves a slice of the OpenAPI document at `<path>/json` and `<path>/yaml`, and a page to read it at `<path>`. All of it
 * is loaded at the first request for it, 0.1 s that no start has to wait for.
 */
export function registerDocs(app: HttpApp, path: string, slice: ApiSlice): void {
  let docs: Promise<FastifyInstance> | undefined;
  const handler: RouteHandlerMethod = async (request, reply) => {
    const instance = await (docs ??= createDocs(path, slice));
    reply.hijack();
    instance.routing(request.raw, reply.raw);
  };
  for (const url of [path, `${path}/*`]) app.route({ method: 'GET', url, handler });
  app.addHook('onClose', async () => {
    await (await docs)?.close();
  });
}

async function createDocs(path: string, slice: ApiSlice): Promise<FastifyInstance> {
  const [{ fastify }, { default: swagger }, { default: swaggerUi }] = await Promise.all([
    import('fastify'),
    import('@fastify/swagger'),
    import('@fastify/swagger-ui'),
  ]);
  const app = fastify();
  const document = ticketingApi(slice) as object;
  await app.register(swagger, { mode: 'static', specification: { document: document as never } });
  await app.register(swaggerUi, { routePrefix: path, staticCSP: true });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: 'not_found', message: 'There is no such page' }),
  );
  await app.ready();
  return app;
}
