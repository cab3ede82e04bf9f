import { setTimeout as delay } from 'node:timers/promises';
import { startTemporaryCluster } from '@onsale/local/engines/temporary-cluster';
import { Redis } from 'ioredis';

/** One server of the cluster. */
export interface ClusterNode {
  readonly port: number;
  readonly client: Redis;
}

/** A part of the keys: who has it, and who follows. */
export interface Shard {
  readonly master: ClusterNode;
  readonly replica: ClusterNode;
}

/** Three masters with a replica each, as a Region has them; the cluster itself finds out who is gone and votes for another. */
export interface FaultCluster {
  /** All nodes, as services are told them. */
  readonly url: string;
  /** Waits until every master has a replica that follows. */
  shards(): Promise<Shard[]>;
  /** From now on the replica hears of no write. */
  cutReplica(shard: Shard): Promise<void>;
  /** Undoes that, for a master that lives on. */
  allowReplicas(node: ClusterNode): Promise<void>;
  /** Lets the replica take over, and resolves once it has and every node that runs knows. */
  untilPromoted(shard: Shard): Promise<void>;
  kill(node: ClusterNode, signal: NodeJS.Signals): Promise<void>;
  /** Starts a server that was killed: empty, and as whatever the others say it is by now. */
  start(node: ClusterNode): Promise<void>;
  stop(): Promise<void>;
}

/** A Region's is fifteen seconds; two are enough here for a node that is only busy. */
const nodeTimeoutMs = 2000;
const deadlineMs = 60_000;

interface Entry {
  readonly id: string;
  readonly port: number;
  readonly flags: readonly string[];
  readonly masterId: string;
  readonly ownsSlots: boolean;
}

function parseNodes(text: string): Entry[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [id = '', address = '', flags = '', masterId = '', , , , , ...slots] = line.split(' ');
      return {
        ...{ id, masterId, flags: flags.split(',') },
        port: Number(/:(\d+)@/.exec(address)?.[1]),
        ownsSlots: slots.length > 0,
      };
    });
}

/** Starts the cluster. */
export async function startFaultCluster(): Promise<FaultCluster> {
  const cluster = await startTemporaryCluster(
    { masters: 3, withReplicas: true, nodeTimeoutMs },
    () => undefined,
  );
  const nodes = cluster.nodes.map(({ host, port }): ClusterNode => {
    const client = new Redis({
      host,
      port,
      maxRetriesPerRequest: 0,
      commandTimeout: 1000,
      retryStrategy: () => 100,
    });
    client.on('error', () => undefined);
    return { port, client };
  });
  const ask = async (node: ClusterNode) => parseNodes((await node.client.cluster('NODES')) as string);
  const until = async (what: string, isSo: () => Promise<boolean>) => {
    const deadline = performance.now() + deadlineMs;
    while (!(await isSo().catch(() => false))) {
      if (performance.now() > deadline) throw new Error(`Redis cluster: ${what} not within ${deadlineMs} ms`);
      await delay(20);
    }
  };

  const shardsNow = async (): Promise<Shard[] | undefined> => {
    const views = await Promise.all(nodes.map(ask));
    const [view] = views;
    const isAgreed = views.every((one) => {
      const masters = one.filter(({ ownsSlots, flags }) => ownsSlots && flags.includes('master'));
      const replicas = one.filter(({ flags }) => flags.includes('slave'));
      return (
        masters.length === 3 &&
        replicas.length === 3 &&
        one.every(({ flags }) => !flags.some((flag) => flag.startsWith('fail')))
      );
    });
    if (!isAgreed) return undefined;
    const nodeAt = (port: number) => nodes.find((node) => node.port === port)!;
    const replicas = view!.filter(({ flags }) => flags.includes('slave'));
    const follows = await Promise.all(replicas.map(({ port }) => nodeAt(port).client.info('replication')));
    if (!follows.every((text) => text.includes('master_link_status:up'))) return undefined;
    return replicas.map(({ port, masterId }) => ({
      master: nodeAt(view!.find(({ id }) => id === masterId)!.port),
      replica: nodeAt(port),
    }));
  };

  return {
    url: cluster.nodes.map(({ host, port }) => `redis://${host}:${port}`).join(),
    async shards() {
      let found: Shard[] | undefined;
      await until('three masters with a replica each', async () => {
        found = await shardsNow();
        return found?.length === 3;
      });
      return found!;
    },
    async cutReplica({ master }) {
      // Whoever follows now must ask anew, and may not.
      await master.client.call('ACL', 'SETUSER', 'default', '-psync', '-sync');
      await master.client.call('CLIENT', 'KILL', 'TYPE', 'replica');
    },
    async allowReplicas({ client }) {
      await client.call('ACL', 'SETUSER', 'default', '+psync', '+sync');
    },
    async untilPromoted({ replica }) {
      await replica.client.config('SET', 'cluster-replica-no-failover', 'no');
      try {
        await until('a replica that takes over', async () => {
          const views = await Promise.allSettled(nodes.map(ask));
          return views.every((view) => {
            if (view.status === 'rejected') return true;
            const entry = view.value.find(({ port }) => port === replica.port)!;
            return entry.flags.includes('master') && entry.ownsSlots;
          });
        });
      } finally {
        await replica.client.config('SET', 'cluster-replica-no-failover', 'yes');
      }
    },
    kill: (node, signal) => cluster.kill(node.port, signal),
    start: (node) => cluster.start(node.port),
    async stop() {
      for (const { client } of nodes) client.disconnect();
      await cluster.stop();
    },
  };
}
