import { mkdir, rm } from 'node:fs/promises';
import { type EngineExit, type EngineProcess, startEngineProcess } from './engine-process.ts';
import { forgetDirectory, removeWhenOrphaned } from './reaper.ts';
import type { RedisBinary } from './redis-binary.ts';

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
