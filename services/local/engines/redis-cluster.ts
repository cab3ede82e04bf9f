import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type RedisEngine, startRedis } from './redis.ts';
import type { RedisBinary } from './redis-binary.ts';

const HASH_SLOTS = 16_384;
const CLUSTER_DEADLINE_MS = 60_000;
const LOOK_EVERY_MS = 20;
const SETTLED_WITHIN_MS = 5000;

/** How a cluster is made up. */
export interface RedisClusterShape {
  readonly masters: number;
  /** Each master has a replica, which takes over only once it is told that it may (`cluster-replica-no-failover`). */
  readonly withReplicas?: boolean;
  /** A master that has been silent for so long is taken for gone. Five seconds when absent. */
  readonly nodeTimeoutMs?: number;
}

/** A running cluster. Nothing of its keys is kept; a node that is started again remembers who the others are. */
export interface RedisClusterEngine {
  /** Masters first, then their replicas in the same order, as they were started. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  /** Fault: sends the node on that port a signal. Resolves when the process is gone, if it goes. */
  kill(port: number, signal: NodeJS.Signals): Promise<void>;
  /** Starts a node that has ended, without keys. */
  start(port: number): Promise<void>;
  stop(): Promise<void>;
}

function slotsOf(master: number, masters: number): number[] {
  const first = Math.floor((master * HASH_SLOTS) / masters);
  const end = Math.floor(((master + 1) * HASH_SLOTS) / masters);
  return Array.from({ length: end - first }, (_, index) => first + index);
}

async function untilAll(
  clients: readonly Redis[],
  tell: (client: Redis) => Promise<string>,
  isGood: (told: string) => boolean,
): Promise<void> {
  const deadline = performance.now() + CLUSTER_DEADLINE_MS;
  for (;;) {
    const told = await Promise.all(clients.map(tell));
    if (told.every(isGood)) return;
    if (performance.now() > deadline) throw new Error(`the Redis cluster did not form:\n${told.join('\n')}`);
    await delay(LOOK_EVERY_MS);
  }
}

async function joinNodes(ports: readonly number[], masterCount: number): Promise<void> {
  const clients = ports.map((port) => new Redis({ host: '127.0.0.1', port }));
  const masters = clients.slice(0, masterCount);
  const replicas = clients.slice(masterCount);
  try {
    // Epochs of their own: nodes that meet with the same one settle it by a collision, which costs a second each.
    await Promise.all(clients.map((client, index) => client.cluster('SET-CONFIG-EPOCH', index + 1)));
    await Promise.all(
      masters.map((client, index) => client.cluster('ADDSLOTS', ...slotsOf(index, masterCount))),
    );
    // Everyone meets everyone: hearing of the third by gossip takes up to another second.
    await Promise.all(
      clients.flatMap((client, index) =>
        ports.slice(index + 1).map((port) => client.cluster('MEET', '127.0.0.1', port)),
      ),
    );
    await untilAll(
      clients,
      (client) => client.cluster('INFO'),
      (state) => state.includes('cluster_state:ok') && state.includes(`cluster_known_nodes:${ports.length}`),
    );
    const ids = await Promise.all(masters.map((client) => client.cluster('MYID')));
    await Promise.all(
      replicas.map(async (client, index) => {
        const deadline = performance.now() + SETTLED_WITHIN_MS;
        for (;;) {
          try {
            return await client.cluster('REPLICATE', ids[index]!);
          } catch (error) {
            // Whom it has only just met it does not know for a master yet.
            if (performance.now() > deadline) throw error;
            await delay(LOOK_EVERY_MS);
          }
        }
      }),
    );
    await untilAll(
      replicas,
      (client) => client.info('replication'),
      (state) => state.includes('role:slave') && state.includes('master_link_status:up'),
    );
    // A client asks any of them who has which slots.
    await untilAll(
      clients,
      (client) => client.cluster('NODES') as Promise<string>,
      (nodes) => (nodes.match(/\bslave\b/g) ?? []).length === replicas.length,
    );
  } finally {
    for (const client of clients) client.disconnect();
  }
}

/** Starts a cluster and resolves when every node calls it whole. `ports`: one for each master, then for each replica. */
export async function startRedisCluster(options: {
  readonly binary: RedisBinary;
  readonly ports: readonly number[];
  readonly dir: string;
  readonly shape: RedisClusterShape;
}): Promise<RedisClusterEngine> {
  const { binary, ports, dir, shape } = options;
  const running = new Map<number, RedisEngine>();
  const launch = async (port: number) => {
    const extraArgs = [
      ...['--cluster-enabled', 'yes', '--cluster-require-full-coverage', 'no'],
      ...['--cluster-node-timeout', String(shape.nodeTimeoutMs ?? 5000)],
      // However long a replica has heard nothing: who lets it take over means it.
      ...['--cluster-replica-no-failover', 'yes', '--cluster-replica-validity-factor', '0'],
      ...['--repl-diskless-sync-delay', '0'],
    ];
    const dataDir = join(dir, `cluster-${port}`);
    running.set(port, await startRedis({ binary, port, dataDir, persistent: false, extraArgs }));
  };
  const stop = async () => {
    await Promise.all([...running.values()].map((node) => node.stop()));
  };
  const started = await Promise.allSettled(ports.map(launch));
  try {
    const failed = started.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    await joinNodes(ports, shape.masters);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    nodes: ports.map((port) => ({ host: '127.0.0.1', port })),
    kill: async (port, signal) => {
      const node = running.get(port)!;
      node.kill(signal);
      if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await node.exited;
    },
    start: async (port) => {
      if (!running.get(port)!.isRunning()) await launch(port);
    },
    stop,
  };
}
