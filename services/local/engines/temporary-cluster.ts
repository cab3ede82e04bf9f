import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeClusterPorts } from './free-port.ts';
import { PortTakenError } from './port-taken-error.ts';
import { forgetDirectory, removeWhenOrphaned } from './reaper.ts';
import { type RedisClusterEngine, startRedisCluster } from './redis.ts';
import { ensureRedisBinary } from './redis-binary.ts';
import type { Report } from './report.ts';

const MASTERS = 3;
const PORT_ATTEMPTS = 3;

/** Starts three masters on free ports in a temporary directory that goes with them. */
export async function startTemporaryCluster(report: Report): Promise<RedisClusterEngine> {
  const binary = await ensureRedisBinary(report);
  const dir = await mkdtemp(join(tmpdir(), 'onsale-cluster-'));
  removeWhenOrphaned(dir);
  const remove = async () => {
    await rm(dir, { recursive: true, force: true });
    forgetDirectory(dir);
  };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const cluster = await startRedisCluster({ binary, ports: await freeClusterPorts(MASTERS), dir });
      return {
        ...cluster,
        stop: async () => {
          await cluster.stop();
          await remove();
        },
      };
    } catch (error) {
      if (error instanceof PortTakenError && attempt < PORT_ATTEMPTS) continue;
      await remove();
      throw error;
    }
  }
}
