import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { issueLocalToken } from '@onsale/platform/identity/issue-local-token';
import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { UserId } from '@onsale/contracts/http/fields';
import { exists } from '../engines/exists.ts';
import { localSecrets } from '../local-secrets.ts';

const SignIn = Type.Object({ userId: UserId });

/** What the page asks for first: how its buyers sign in and pay here. A bucket holds the same file. */
const settings = { signIn: 'local', payment: 'simulator' } as const;

const tokenTtlSeconds = 12 * 3600;

/** As the CDN sends it: nothing but our own files and the services. */
const securityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' http://127.0.0.1:*; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Serves the built page at `/` as its bucket and CDN would, and signs buyers in without a password. */
export function registerPage(app: FastifyInstance, dir: string): void {
  app.register(fastifyStatic, { root: dir, serve: false });

  app.get('/', async (_request, reply) => {
    void reply.header('content-security-policy', securityPolicy).header('cache-control', 'no-cache');
    if (!(await exists(join(dir, 'index.html')))) {
      return reply.code(503).type('text/html; charset=utf-8').send(notBuilt);
    }
    return reply.sendFile('index.html', { cacheControl: false });
  });
  app.get('/icon.svg', async (_request, reply) => reply.sendFile('icon.svg', { maxAge: '1h' }));
  app.get<{ Params: { '*': string } }>('/assets/*', async (request, reply) =>
    reply.sendFile(`assets/${request.params['*']}`, { immutable: true, maxAge: '365d' }),
  );
  app.get('/settings.json', async (_request, reply) =>
    reply.header('cache-control', 'no-cache').send(settings),
  );

  app.post<{ Body: Static<typeof SignIn> }>(
    '/local/sign-in',
    { schema: { body: SignIn } },
    async (request, reply) => {
      const { userId } = request.body;
      const token = await issueLocalToken({
        userId,
        roles: [],
        key: localSecrets.jwtKey,
        ttlSeconds: tokenTtlSeconds,
      });
      return reply.header('cache-control', 'no-store').send({ userId, token });
    },
  );
}

const notBuilt = `<!doctype html>
<html lang="en">
  <meta charset="utf-8" />
  <title>Onsale</title>
  <h1>The page is not built</h1>
  <p>The services run. Build the page with <code>npm run build -w @onsale/web</code> and load this again, or go to
  <a href="/public/docs">the API's documentation</a>.</p>
</html>
`;
