import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type EngineExit, type EngineProcess, startEngineProcess } from './engine-process.ts';
import { forgetDirectory, removeWhenOrphaned } from './reaper.ts';
import type { RedisBinary } from './redis-binary.ts';

const HASH_SLOTS = 16_384;
const CLUSTER_DEADLINE_MS = 20_000;
const LOOK_EVERY_MS = 20;

/** A running Redis server and where it listens: `redis://127.0.0.1:<port>`. */
export interface RedisEngine extends EngineProcess {
  readonly url: string;
  readonly port: number;
}

/** How one server is started. */
export interface RedisOptions {
  readonly binary: RedisBinary;
  readonly port: number;
  readonly dataDir: string;
  /** Keeps an append-only file in dataDir; otherwise nothing is written and dataDir goes with the server. */
  readonly persistent: boolean;
  readonly extraArgs?: readonly string[];
  readonly onExit?: ((exit: EngineExit) => void) | undefined;
}

/** Starts one Redis or Valkey server on 127.0.0.1. */
export async function startRedis(options: RedisOptions): Promise<RedisEngine> {
  const { binary, port, dataDir, persistent } = options;
  await mkdir(dataDir, { recursive: true });
  if (!persistent) removeWhenOrphaned(dataDir);
  const server = await startEngineProcess({
    engine: binary.kind === 'valkey' ? 'Redis (Valkey)' : 'Redis',
    port,
    command: binary.path,
    argv0: `${binary.kind}-server`,
    args: [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', dataDir],
      ...['--save', '', '--appendonly', persistent ? 'yes' : 'no', '--daemonize', 'no', '--logfile', ''],
      ...(options.extraArgs ?? []),
    ],
    ready: /Ready to accept connections/,
    stopSignal: 'SIGTERM',
    onExit: options.onExit,
  });
  return {
    ...server,
    url: `redis://127.0.0.1:${port}`,
    port,
    stop: async () => {
      await server.stop();
      if (persistent) return;
      await rm(dataDir, { recursive: true, force: true });
      forgetDirectory(dataDir);
    },
  };
}

/** Masters of a running cluster. */
export interface RedisClusterEngine {
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly masters: readonly RedisEngine[];
  stop(): Promise<void>;
}

function slotsOf(master: number, masters: number): number[] {
  const first = Math.floor((master * HASH_SLOTS) / masters);
  const end = Math.floor(((master + 1) * HASH_SLOTS) / masters);
  return Array.from({ length: end - first }, (_, index) => first + index);
}

async function joinMasters(ports: readonly number[]): Promise<void> {
  const clients = ports.map((port) => new Redis({ host: '127.0.0.1', port }));
  try {
    // Epochs of their own: nodes that meet with the same one settle it by a collision, which costs a second each.
    await Promise.all(
      clients.map(async (client, index) => {
        await client.cluster('SET-CONFIG-EPOCH', index + 1);
        await client.cluster('ADDSLOTS', ...slotsOf(index, ports.length));
      }),
    );
    // Everyone meets everyone: hearing of the third by gossip takes up to another second.
    await Promise.all(
      clients.flatMap((client, index) =>
        ports.slice(index + 1).map((port) => client.cluster('MEET', '127.0.0.1', port)),
      ),
    );
    const deadline = performance.now() + CLUSTER_DEADLINE_MS;
    for (;;) {
      const states = await Promise.all(clients.map((client) => client.cluster('INFO')));
      const whole = states.every(
        (state) =>
          state.includes('cluster_state:ok') && state.includes(`cluster_known_nodes:${ports.length}`),
      );
      if (whole) return;
      if (performance.now() > deadline)
        throw new Error(`the Redis cluster did not form:\n${states.join('\n')}`);
      await delay(LOOK_EVERY_MS);
    }
  } finally {
    for (const client of clients) client.disconnect();
  }
}

/** Starts a cluster of masters without replicas and resolves when every node calls it whole; nothing is kept. */
export async function startRedisCluster(options: {
  readonly binary: RedisBinary;
  readonly ports: readonly number[];
  readonly dir: string;
  readonly onExit?: ((exit: EngineExit) => void) | undefined;
}): Promise<RedisClusterEngine> {
  const started = await Promise.allSettled(
    options.ports.map((port) =>
      startRedis({
        binary: options.binary,
        port,
        dataDir: join(options.dir, `cluster-${port}`),
        persistent: false,
        extraArgs: [
          '--cluster-enabled',
          'yes',
          '--cluster-node-timeout',
          '5000',
          '--cluster-require-full-coverage',
          'no',
        ],
        onExit: options.onExit,
      }),
    ),
  );
  const masters = started.filter((result) => result.status === 'fulfilled').map((result) => result.value);
  const stop = async () => {
    await Promise.all(masters.map((master) => master.stop()));
  };
  try {
    const failed = started.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    await joinMasters(options.ports);
  } catch (error) {
    await stop();
    throw error;
  }
  return { nodes: options.ports.map((port) => ({ host: '127.0.0.1', port })), masters, stop };
}
