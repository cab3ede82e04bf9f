import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './fault-scene.ts';
import { monotonicNowMs } from './history.ts';

/** How one shard's master is lost. */
type MasterLoss = 'killed' | 'frozen' | 'deposed';

/**
 * The cluster notices that a master is gone and votes for its replica, or an operator has the replica take over from a master
 * that lives. Two times of three the replica has not heard of the last writes.
 */
export const shardFailsOver =
  (how: MasterLoss): Fault =>
  async ({ target, onRedisLoss, note }, durationMs, random) => {
    const cluster = target.cluster!;
    const shard = random.pick(await cluster.shards());
    const { master, replica } = shard;
    if (random.chance(2 / 3)) {
      await cluster.cutReplica(shard);
      note('replicas that had not heard of the last writes');
      await delay(random.between(300, 2500));
    }
    onRedisLoss({ fromMs: monotonicNowMs(), placesToo: true });
    if (how === 'deposed') await replica.client.cluster('FAILOVER', 'TAKEOVER');
    else await cluster.kill(master, how === 'killed' ? 'SIGKILL' : 'SIGSTOP');
    await cluster.untilPromoted(shard);
    note('replicas promoted');
    if (how === 'killed') {
      await delay(durationMs / 4);
      await cluster.start(master);
    } else {
      // Frozen, it takes itself for the master for a moment, and does what clients had sent it meanwhile.
      if (how === 'frozen') await cluster.kill(master, 'SIGCONT');
      await cluster.allowReplicas(master);
    }
  };
