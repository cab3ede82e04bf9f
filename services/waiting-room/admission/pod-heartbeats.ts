import { asUnavailable } from '@onsale/platform/engine-errors';
import type { RedisClient } from '@onsale/platform/redis';
import { heartbeatsKey } from './admission-keys.ts';
import type { PodHeartbeat } from './pods.ts';

/** A service none of whose pods was heard of for this long is forgotten, as after a rollback to one that sends none. */
const rememberedMs = 3_600_000;

/** Tells Redis what this replica says of itself. */
export async function sendHeartbeat(
  redis: RedisClient,
  podName: string,
  heartbeat: PodHeartbeat,
): Promise<void> {
  await redis.hset(heartbeatsKey, podName, JSON.stringify(heartbeat));
}

/** Takes this replica's heartbeat back: it ends on purpose. */
export async function withdrawHeartbeat(redis: RedisClient, podName: string): Promise<void> {
  await redis.hdel(heartbeatsKey, podName);
}

/** The last heartbeats of all replicas, dead ones of the last hour among them. */
export async function readHeartbeats(redis: RedisClient, nowMs: number): Promise<readonly PodHeartbeat[]> {
  try {
    const heartbeats = Object.entries(await redis.hgetall(heartbeatsKey)).map(
      ([podName, text]) => [podName, JSON.parse(text) as PodHeartbeat] as const,
    );
    const forgotten = heartbeats.filter(([, { atMs }]) => nowMs - atMs > rememberedMs);
    if (forgotten.length > 0) await redis.hdel(heartbeatsKey, ...forgotten.map(([podName]) => podName));
    return heartbeats.map(([, heartbeat]) => heartbeat);
  } catch (error) {
    throw asUnavailable(error) ?? error;
  }
}
