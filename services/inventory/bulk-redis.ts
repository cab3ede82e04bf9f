import { Cluster } from 'ioredis';
import { redisReady, type RedisClient } from '@onsale/platform/redis';

const connectDeadlineMs = 2000;

/**
 * Runs work that sends tens of thousands of commands at once over a connection of its own which gathers them: one system call
 * each was half of a rebuild's CPU, and buyers' requests would have waited behind them.
 */
export async function withBulkRedis<Result>(
  redis: RedisClient,
  work: (bulk: RedisClient) => Promise<Result>,
): Promise<Result> {
  const options = { enableAutoPipelining: true };
  const bulk = redis instanceof Cluster ? redis.duplicate([], options) : redis.duplicate(options);
  // What goes wrong rejects the commands.
  bulk.on('error', () => undefined);
  try {
    await redisReady(bulk, connectDeadlineMs);
    return await work(bulk);
  } finally {
    bulk.disconnect();
  }
}
