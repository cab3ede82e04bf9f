import { DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Pool } from 'pg';
import { type Clock, maxClockDoubtMs } from './clock.ts';
import type { RedisClient } from './redis.ts';

/** Resolves when what it checks is well; rejects with what is wrong. */
export type ReadinessCheck = () => unknown;

/** PostgreSQL answers. */
export const postgresCheck =
  (pool: Pool): ReadinessCheck =>
  () =>
    pool.query('SELECT 1');

/** Redis answers: of a cluster, every master, since each owns a part of the seats. */
export const redisCheck =
  (redis: RedisClient): ReadinessCheck =>
  () =>
    'nodes' in redis ? Promise.all(redis.nodes('master').map((node) => node.ping())) : redis.ping();

/** The one clock is known well enough to decide by. */
export const clockCheck =
  (clock: Clock): ReadinessCheck =>
  () => {
    const doubtMs = clock.doubtMs();
    if (doubtMs > maxClockDoubtMs) {
      throw new Error(`the clock may be off by ${Math.round(doubtMs)} ms, more than ${maxClockDoubtMs} ms`);
    }
  };

/** The lock table exists. Asked at most every ten seconds: DescribeTable is a control-plane call with a small quota. */
export const dynamoDbCheck = (dynamoDb: DynamoDBClient, table: string): ReadinessCheck =>
  remembered(() => dynamoDb.send(new DescribeTableCommand({ TableName: table })));

/** The commit queue exists. Asked at most every ten seconds. */
export const sqsCheck = (sqs: SQSClient, queueUrl: string): ReadinessCheck =>
  remembered(() =>
    sqs.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] })),
  );

const rememberedMs = 10_000;

/** Keeps a success; a failure is asked about again at every probe. */
function remembered(check: ReadinessCheck): ReadinessCheck {
  let goodUntilMs = 0;
  return async () => {
    if (performance.now() < goodUntilMs) return;
    await check();
    goodUntilMs = performance.now() + rememberedMs;
  };
}
