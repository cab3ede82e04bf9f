import { botsOffRoute, botsOnRoute, botsStatusRoute } from '@onsale/contracts/http/bots-routes';
import { type HttpApp, registerRoute } from '@onsale/platform/http/register-route';
import type { Director } from './director.ts';

/** Serves `/admin/bots` on the internal port, which checks the admin token before it. */
export function registerBotsRoutes(app: HttpApp, director: Pick<Director, 'status' | 'on' | 'off'>): void {
  registerRoute(app, botsStatusRoute, async () => director.status());
  registerRoute(app, botsOnRoute, async () => director.on());
  registerRoute(app, botsOffRoute, async () => director.off());
}
