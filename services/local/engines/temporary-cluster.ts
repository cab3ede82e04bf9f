import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeClusterPorts } from './free-port.ts';
import { PortTakenError } from './port-taken-error.ts';
import { forgetDirectory, removeWhenOrphaned } from './reaper.ts';
import { ensureRedisBinary } from './redis-binary.ts';
import { type RedisClusterEngine, type RedisClusterShape, startRedisCluster } from './redis-cluster.ts';
import type { Report } from './report.ts';

const PORT_ATTEMPTS = 3;

/** Starts a cluster on free ports in a temporary directory that goes with it. */
export async function startTemporaryCluster(
  shape: RedisClusterShape,
  report: Report,
): Promise<RedisClusterEngine> {
  const binary = await ensureRedisBinary(report);
  const dir = await mkdtemp(join(tmpdir(), 'onsale-cluster-'));
  removeWhenOrphaned(dir);
  const remove = async () => {
    await rm(dir, { recursive: true, force: true });
    forgetDirectory(dir);
  };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const ports = await freeClusterPorts(shape.masters * (shape.withReplicas ? 2 : 1));
      const cluster = await startRedisCluster({ binary, ports, dir, shape });
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
