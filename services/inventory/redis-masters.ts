import { Cluster } from 'ioredis';
import type { RedisClient } from '@onsale/platform/redis';

/**
 * Run ids of all servers that own keys, sorted and joined by commas. A sale is good on the servers it was published on: a
 * server that restarted, or a replica that was promoted, has another run id. All masters count for every section, because
 * buyers' caps lie on all of them. Rejects unless every one of them answers.
 */
export async function readMasters(redis: RedisClient): Promise<string> {
  const servers = redis instanceof Cluster ? redis.nodes('master') : [redis];
  if (servers.length === 0) throw new Error('None of startup nodes is available');
  const infos = await Promise.all(servers.map((server) => server.info('server')));
  return infos
    .map((info) => /run_id:(\w+)/.exec(info)![1]!)
    .sort()
    .join(',');
}
