import { Cluster } from 'ioredis';
import type { RedisClient } from '@onsale/platform/redis';

/**
 * All servers that own keys, `run id:replication id` each, sorted and joined by commas. A sale is good on the servers it was
 * published on. A server that restarted has another run id, and each time one becomes a master it gets another replication id: one
 * that was a replica in between has copied what another had, and its process never ended. Scripts compare replication ids; run ids
 * are there for version 0.1.0, which compares those. All masters count for every section, because buyers' caps lie on all of them.
 * Rejects unless every one of them answers.
 * https://redis.io/docs/latest/operate/oss_and_stack/management/replication/#replication-id-explained
 */
export async function readMasters(redis: RedisClient): Promise<string> {
  const servers = redis instanceof Cluster ? redis.nodes('master') : [redis];
  if (servers.length === 0) throw new Error('None of startup nodes is available');
  const masters = await Promise.all(
    servers.map(async (server) => {
      const [process, replication] = await Promise.all([server.info('server'), server.info('replication')]);
      const runId = /run_id:(\w+)/.exec(process)![1]!;
      return `${runId}:${/master_replid:(\w+)/.exec(replication)![1]!}`;
    }),
  );
  return masters.sort().join(',');
}
