import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { processEnv, storesEnv } from '@onsale/contracts/env/common';
import type { Pool } from 'pg';
import type { Static, TObject } from 'typebox';
import { RedisClock } from './clock.ts';
import { createDynamoDb } from './dynamodb.ts';
import { createPostgres } from './postgres.ts';
import { clockCheck, dynamoDbCheck, postgresCheck, redisCheck } from './readiness-checks.ts';
import { createRedis, redisReady, type RedisClient } from './redis.ts';
import type { ServiceContext } from './run-service.ts';

/** The stores every service works on, and the one clock. */
export interface Stores {
  readonly pool: Pool;
  readonly redis: RedisClient;
  readonly dynamodb: DynamoDBClient;
  readonly clock: RedisClock;
}

type StoresConfig = Static<TObject<typeof processEnv>> & Static<TObject<typeof storesEnv>>;

/** How long a start waits for Redis: without the one clock nothing can be decided. */
const redisDeadlineMs = 10_000;

/** Connects to the stores, watches them in /readyz, and disconnects last of all. */
export async function connectStores(
  name: string,
  {
    config,
    logger,
    internal,
    onStop,
  }: Pick<ServiceContext<StoresConfig>, 'config' | 'logger' | 'internal' | 'onStop'>,
): Promise<Stores> {
  const pool = createPostgres(
    { url: config.POSTGRES_URL, maxConnections: config.POSTGRES_MAX_CONNECTIONS, applicationName: name },
    logger,
  );
  onStop('postgres', () => pool.end());
  const redis = createRedis(
    { url: config.REDIS_URL, cluster: config.REDIS_CLUSTER, password: config.REDIS_PASSWORD },
    logger,
  );
  onStop('redis', () => redis.disconnect());
  const dynamodb = createDynamoDb({ region: config.AWS_REGION, endpoint: config.DYNAMODB_ENDPOINT });
  onStop('dynamodb', () => dynamodb.destroy());
  await redisReady(redis, redisDeadlineMs);
  const clock = new RedisClock(redis);
  await clock.start();
  onStop('clock', () => clock.stop());
  internal.addChecks({
    postgres: postgresCheck(pool),
    redis: redisCheck(redis),
    // What goes on without DynamoDB must not be taken off the load balancer for it.
    ...(config.LOCK_BREAKER ? {} : { dynamodb: dynamoDbCheck(dynamodb, config.LOCK_TABLE) }),
    clock: clockCheck(clock),
  });
  return { pool, redis, dynamodb, clock };
}
