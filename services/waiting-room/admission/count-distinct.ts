import type { RedisClient } from '@onsale/platform/redis';

/** What is counted matters for ten minutes. */
const keptMs = 10_800_000;

/** Adds elements to a HyperLogLog that is kept for some hours after the last one. */
export async function countDistinct(
  redis: RedisClient,
  key: string,
  elements: readonly string[],
): Promise<void> {
  await Promise.all([redis.pfadd(key, ...elements), redis.pexpire(key, keptMs)]);
}
