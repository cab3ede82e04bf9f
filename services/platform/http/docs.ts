import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { type ApiSlice, ticketingApi } from '@onsale/contracts/openapi/ticketing-api';
import { fastify, type FastifyInstance, type RouteHandlerMethod } from 'fastify';
import type { HttpApp } from './register-route.ts';

/** Where a bundle has the page's files, the large ones compressed; sources have those of the package. */
const bundledPage = fileURLToPath(new URL('docs-page', import.meta.url));

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
  const [{ default: swagger }, { default: swaggerUi }] = await Promise.all([
    import('@fastify/swagger'),
    import('@fastify/swagger-ui'),
  ]);
  const app = fastify();
  const document = ticketingApi(slice) as object;
  await app.register(swagger, { mode: 'static', specification: { document: document as never } });
  const fromBundle = existsSync(bundledPage) ? await serveBundledPage(app, path) : {};
  await app.register(swaggerUi, { routePrefix: path, staticCSP: true, ...fromBundle });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: 'not_found', message: 'There is no such page' }),
  );
  await app.ready();
  return app;
}

/** Serves the compressed files, as they are to whoever takes them so; resolves with where the others are. */
async function serveBundledPage(app: FastifyInstance, path: string) {
  const types: Readonly<Record<string, string>> = { js: 'text/javascript', css: 'text/css' };
  for (const file of await readdir(bundledPage)) {
    if (!file.endsWith('.br')) continue;
    const name = file.slice(0, -'.br'.length);
    app.get(`${path}/static/${name}`, async ({ headers }, reply) => {
      const content = await readFile(`${bundledPage}/${file}`);
      void reply
        .type(`${types[name.split('.').at(-1)!]}; charset=utf-8`)
        .headers({ vary: 'accept-encoding', 'cache-control': 'public, max-age=3600' });
      if (!/\bbr\b/.test(headers['accept-encoding'] ?? '')) return promisify(brotliDecompress)(content);
      return reply.header('content-encoding', 'br').send(content);
    });
  }
  const content = await readFile(`${bundledPage}/logo.svg`, 'utf8');
  return { baseDir: bundledPage, logo: { type: 'image/svg+xml', content } };
}
