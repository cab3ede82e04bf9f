// Makes table and queues in the emulators of a laptop's cluster; the chart local-engines runs it as a Job.
import { processEnv, queueEnv, storesEnv } from '@onsale/contracts/env/common';
import { loadConfig } from '@onsale/platform/config';
import { createLogger } from '@onsale/platform/logger';
import { Type } from 'typebox';
import { createStores } from './create-stores.ts';

const config = loadConfig(
  Type.Object({
    LOG_LEVEL: processEnv.LOG_LEVEL,
    AWS_REGION: processEnv.AWS_REGION,
    // Required here: without an endpoint the SDK would make them in somebody's account.
    DYNAMODB_ENDPOINT: Type.String({ ...storesEnv.DYNAMODB_ENDPOINT }),
    SQS_ENDPOINT: Type.String({ ...queueEnv.SQS_ENDPOINT }),
    LOCK_TABLE: storesEnv.LOCK_TABLE,
    COMMIT_QUEUE: Type.String({
      description: 'Name of the commit queue, without .fifo',
      pattern: '^[A-Za-z0-9_-]{1,70}$',
      expected: 'a name of letters, digits, _ and -',
      default: 'onsale-commits',
    }),
  }),
);
const logger = createLogger('create-stores', config.LOG_LEVEL);
try {
  const made = await createStores({
    region: config.AWS_REGION,
    dynamodbEndpoint: config.DYNAMODB_ENDPOINT,
    sqsEndpoint: config.SQS_ENDPOINT,
    table: config.LOCK_TABLE,
    queue: config.COMMIT_QUEUE,
  });
  logger.info({ event: 'stores_made', table: config.LOCK_TABLE, ...made }, 'Table and queues are there');
} catch (error) {
  logger.fatal({ event: 'stores_failed', err: error }, 'Table and queues are not there');
  process.exitCode = 1;
}
