import type { HttpApp } from '../http/register-route.ts';
import type { Identity } from './identity.ts';

/**
 * Checks the bearer token of routes whose contract demands one before anything of the request is validated: who has none
 * learns that, and not what the body should have looked like. Call it before routes are registered.
 */
export function checkBearerFirst(app: HttpApp, identity: Pick<Identity, 'requireBearer'>): void {
  app.addHook('onRoute', (route) => {
    const { security = [] } = (route.schema ?? {}) as { security?: readonly Record<string, unknown>[] };
    // An empty entry among them says that the route may be called without.
    if (security.length === 0 || !security.every((way) => 'bearer' in way)) return;
    route.preValidation = async (request) => {
      await identity.requireBearer(request);
    };
  });
}
