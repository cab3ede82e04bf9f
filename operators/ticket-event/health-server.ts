import { createServer, type Server } from 'node:http';
import type { Registry } from 'prom-client';

/** Serves /healthz, /readyz and /metrics; resolves once it listens. */
export async function startHealthServer(options: {
  readonly host: string;
  readonly port: number;
  readonly registry: Registry;
  readonly isReady: () => boolean;
}): Promise<Server> {
  const { registry, isReady } = options;
  const server = createServer((request, response) => {
    const answer = (status: number, body: string, type = 'text/plain') => {
      response.writeHead(status, { 'content-type': type }).end(body);
    };
    if (request.url === '/healthz') answer(200, 'ok');
    else if (request.url === '/readyz')
      answer(isReady() ? 200 : 503, isReady() ? 'ok' : 'caches are not filled');
    else if (request.url === '/metrics') {
      registry.metrics().then(
        (text) => answer(200, text, registry.contentType),
        () => answer(500, 'metrics failed'),
      );
    } else answer(404, 'not found');
  });
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen(options.port, options.host, listening.resolve);
  await listening.promise;
  return server;
}
