import { pingRoute, publicHealthRoute } from '@onsale/contracts/http/public-routes';
import { registerRoute, type HttpApp } from '@onsale/platform/http/register-route';

/** Serves `/public/health` and `/public/ping`: that the process answers, and nothing about engines. */
export function registerPingRoutes(app: HttpApp): void {
  registerRoute(app, publicHealthRoute, async (_request, reply) => {
    return await reply.header('cache-control', 'no-store').send({ ok: true, ts: Date.now() });
  });
  registerRoute(app, pingRoute, async (_request, reply) => {
    return await reply.header('cache-control', 'no-store').send({ service: 'public-api', ts: Date.now() });
  });
}
