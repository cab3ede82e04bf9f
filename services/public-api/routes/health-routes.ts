import { apiHealthRoute } from '@onsale/contracts/http/api-routes';
import { registerRoute, type HttpApp } from '@onsale/platform/http/register-route';

export interface HealthRoutesDeps {
  /** Resolves when PostgreSQL answers. */
  readonly pingDatabase: () => Promise<unknown>;
  /** Resolves when Redis answers. */
  readonly pingRedis: () => Promise<unknown>;
}

/** An engine that takes longer than this to say a word counts as away. */
const deadlineMs = 1000;

/** Serves `/api/health`: the state of the database and of Redis, 503 when one of them is away. */
export function registerHealthRoutes(app: HttpApp, { pingDatabase, pingRedis }: HealthRoutesDeps): void {
  const database = sharedProbe(pingDatabase);
  const redis = sharedProbe(pingRedis);
  registerRoute(app, apiHealthRoute, async (_request, reply) => {
    const [hasDatabase, hasRedis] = await Promise.all([database(), redis()]);
    const isUp = hasDatabase && hasRedis;
    void reply.code(isUp ? 200 : 503).header('cache-control', 'no-store');
    if (!isUp) void reply.header('retry-after', '1');
    return await reply.send({
      status: isUp ? 'UP' : 'DOWN',
      timestamp: new Date().toISOString(),
      database: hasDatabase ? 'connected' : 'disconnected',
      redis: hasRedis ? 'connected' : 'disconnected',
    });
  });
}

/** One question at a time, however many ask: health is open to everybody and must not become a load of its own. */
function sharedProbe(ping: () => Promise<unknown>): () => Promise<boolean> {
  let asking: Promise<boolean> | undefined;
  const ask = async () => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), deadlineMs);
    });
    const answered = ping().then(
      () => true,
      () => false,
    );
    try {
      return await Promise.race([answered, late]);
    } finally {
      clearTimeout(timer);
      asking = undefined;
    }
  };
  return () => (asking ??= ask());
}
