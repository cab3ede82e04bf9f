import { MigrateEnv } from '@onsale/contracts/env/migrate';
import { migrate } from '@onsale/orders/migrate';
import { loadConfig } from '@onsale/platform/config';
import { createLogger } from '@onsale/platform/logger';

const config = loadConfig(MigrateEnv);
const logger = createLogger('migrate', config.LOG_LEVEL);
try {
  const ran = await migrate(config.POSTGRES_URL, (line) => logger.info({ event: 'migrating' }, line));
  logger.info({ event: 'migrated', ran }, ran.length > 0 ? 'The schema is new' : 'The schema was there');
} catch (error) {
  logger.fatal(
    { event: 'migration_failed', err: error },
    'The schema is as it was before the failed migration',
  );
  process.exitCode = 1;
}
