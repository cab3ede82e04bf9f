import { MigrateEnv } from '@onsale/contracts/env/migrate';
import { grantServiceRole } from '@onsale/orders/grant-service-role';
import { migrate } from '@onsale/orders/migrate';
import { loadConfig } from '@onsale/platform/config';
import { createLogger } from '@onsale/platform/logger';

const config = loadConfig(MigrateEnv);
const logger = createLogger('migrate', config.LOG_LEVEL);
try {
  const ran = await migrate(config.POSTGRES_URL, (line) => logger.info({ event: 'migrating' }, line));
  logger.info({ event: 'migrated', ran }, ran.length > 0 ? 'The schema is new' : 'The schema was there');
  if (config.SERVICE_POSTGRES_URL !== undefined) {
    const made = await grantServiceRole(config.POSTGRES_URL, config.SERVICE_POSTGRES_URL);
    logger.info({ event: 'service_role_granted', made }, 'The services may read and write');
  }
} catch (error) {
  logger.fatal(
    { event: 'migration_failed', err: error },
    'The schema is as the last migration that succeeded left it',
  );
  process.exitCode = 1;
}
