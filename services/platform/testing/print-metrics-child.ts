// Prints what a service's registry holds after a few requests and a probe: the names that rules outside must ask for.
import { PublicApiEnv } from '@onsale/contracts/env/public-api';
import { loadConfig } from '../config.ts';
import { createServiceApp } from '../http/create-service-app.ts';
import { createInternalServer } from '../internal-server.ts';
import { createLogger } from '../logger.ts';
import { createMetrics } from '../metrics.ts';

const logger = createLogger('public-api', 'silent');
const metrics = createMetrics('public-api');
const config = loadConfig(PublicApiEnv, {
  POSTGRES_URL: 'postgres://nobody',
  ROOM_TOKEN_KEYS: 'k'.repeat(32),
  IDENTITY: 'open',
});
const { app } = createServiceApp(config, { logger, metrics, docs: {} });
app.get('/public/ping', async () => ({}));
await app.inject('/public/ping');
await app.inject('/public/nowhere');
const internal = createInternalServer({ logger, metrics });
internal.addChecks({ redis: async () => undefined, postgres: async () => undefined });
internal.setState('serving');
await internal.app.inject('/readyz');
const { body } = await internal.app.inject('/metrics');
process.stdout.write(body);
await app.close();
await internal.app.close();
