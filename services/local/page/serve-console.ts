import { join } from 'node:path';
import httpProxy from '@fastify/http-proxy';
import fastifyStatic from '@fastify/static';
import { sendError } from '@onsale/platform/http/send-error';
import { fastify, type FastifyError, type FastifyReply } from 'fastify';
import { exists } from '../engines/exists.ts';

export interface ConsoleOptions {
  readonly port: number;
  /** Where the built console lies. */
  readonly dir: string;
  /** public-api's internal address, asked for each request: a rollout moves it. */
  readonly adminUrl: () => string;
}

/** The sale console at an address of its own. */
export interface ServedConsole {
  readonly url: string;
  close(): Promise<void>;
}

/** Nothing but the console's own files and the admin routes beside them. */
const securityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Serves the sale console on loopback, with `/admin` of public-api's internal port beside it and nothing else: console and
 * routes are one origin, and neither is to be had at the address buyers use. Rejects when the port is taken.
 */
export async function serveConsole({ port, dir, adminUrl }: ConsoleOptions): Promise<ServedConsole> {
  const app = fastify({ logger: false, forceCloseConnections: true });
  // Before the proxy: it takes the handler that is there when it is registered.
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const isCallers = error.statusCode !== undefined && error.statusCode < 500;
    return sendError(reply, isCallers ? 'bad_request' : 'unavailable', error.message);
  });
  await app.register(httpProxy, {
    prefix: '/admin',
    rewritePrefix: '/admin',
    upstream: '',
    replyOptions: {
      getUpstream: adminUrl,
      onError: (reply, { error }) => {
        sendError(reply as FastifyReply, 'unavailable', `No answer from ${adminUrl()}: ${error.message}`);
      },
    },
  });
  await app.register(fastifyStatic, { root: dir, serve: false });
  app.get('/', async (_request, reply) => {
    void reply.header('content-security-policy', securityPolicy).header('cache-control', 'no-cache');
    if (!(await exists(join(dir, 'console.html')))) {
      return reply.code(503).type('text/html; charset=utf-8').send(notBuilt);
    }
    return reply.sendFile('console.html', { cacheControl: false });
  });
  app.get('/icon.svg', async (_request, reply) => reply.sendFile('icon.svg', { maxAge: '1h' }));
  app.get<{ Params: { '*': string } }>('/assets/*', async (request, reply) =>
    reply.sendFile(`assets/${request.params['*']}`, { immutable: true, maxAge: '365d' }),
  );
  app.setNotFoundHandler((_request, reply) => sendError(reply, 'not_found', 'There is no such endpoint'));
  await app.listen({ host: '127.0.0.1', port });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the console has no TCP address');
  return { url: `http://127.0.0.1:${address.port}`, close: () => app.close() };
}

const notBuilt = `<!doctype html>
<html lang="en">
  <meta charset="utf-8" />
  <title>Sale console</title>
  <h1>The sale console is not built</h1>
  <p>Build it with <code>npm run build -w @onsale/web</code> and load this again.</p>
</html>
`;
