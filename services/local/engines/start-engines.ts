import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDynamodb } from './dynamodb.ts';
import type { EngineExit, EngineProcess } from './engine-process.ts';
import { freePort, isPortFree } from './free-port.ts';
import { PortTakenError } from './port-taken-error.ts';
import { startPostgres } from './postgres.ts';
import { forgetDirectory, removeWhenOrphaned } from './reaper.ts';
import { startRedis } from './redis.ts';
import { ensureRedisBinary } from './redis-binary.ts';
import type { Report } from './report.ts';
import { startSqs } from './sqs.ts';

const PORT_ATTEMPTS = 5;

/** The four engines a sale runs on. */
export const engineNames = ['postgres', 'redis', 'dynamodb', 'sqs'] as const;

/** Their names for people. */
export const engineTitles: Readonly<Record<EngineName, string>> = {
  postgres: 'PostgreSQL',
  redis: 'Redis',
  dynamodb: 'DynamoDB',
  sqs: 'SQS',
};

/** One of the four. */
export type EngineName = (typeof engineNames)[number];

/** How a set of engines is started. */
export interface StartEnginesOptions {
  /** Where data is kept from run to run. Without keep it is not touched: data goes to a temporary directory. */
  readonly dir: string;
  readonly keep: boolean;
  /** Fixed ports; the rest are picked from the free ones. */
  readonly ports?: Partial<Record<EngineName, number>>;
  /** Only these; all four when absent. */
  readonly only?: readonly EngineName[];
  readonly report: Report;
  /** Called when an engine ends unasked; describeExit says it in a line. */
  readonly onEngineExit?: (name: EngineName, exit: EngineExit) => void;
}

/** A running set. */
export interface Engines {
  readonly postgresUrl: string;
  readonly redisUrl: string;
  readonly dynamodbEndpoint: string;
  readonly sqsEndpoint: string;
  pids(): Partial<Record<EngineName, number>>;
  /** Fault: sends a signal; the end it causes is reported like any other. Resolves when the process is gone, if it goes. */
  kill(name: EngineName, signal: NodeJS.Signals): Promise<void>;
  /** Starts an engine that has ended, on its port and over its data (Redis keeps none without keep). */
  start(name: EngineName): Promise<void>;
  stop(): Promise<void>;
}

type Address = { readonly url: string } | { readonly endpoint: string };

/** Starts PostgreSQL, Redis, DynamoDB and SQS on 127.0.0.1 at once and resolves when all serve; on a failure none is left. */
export async function startEngines(options: StartEnginesOptions): Promise<Engines> {
  const { keep, report } = options;
  const wanted = options.only ?? engineNames;
  const dir = keep ? options.dir : await temporaryDirectory();
  if (keep) await mkdir(dir, { recursive: true });

  const ports = new Map<EngineName, number>();
  const running = new Map<EngineName, EngineProcess & Address>();

  const launch = async (name: EngineName, port: number): Promise<EngineProcess & Address> => {
    const onExit = (exit: EngineExit) => options.onEngineExit?.(name, exit);
    const dataDir = join(dir, name);
    switch (name) {
      case 'postgres':
        return startPostgres({ dataDir, port, persistent: keep, report, onExit });
      case 'redis':
        return startRedis({
          binary: await ensureRedisBinary(report),
          port,
          dataDir,
          persistent: keep,
          onExit,
        });
      case 'dynamodb':
        return startDynamodb({ port, dataDir: keep ? dataDir : undefined, onExit });
      case 'sqs':
        return startSqs({ port, dataDir: keep ? dataDir : undefined, onExit });
    }
  };

  const startFirst = async (name: EngineName): Promise<void> => {
    const fixed = options.ports?.[name];
    if (fixed !== undefined && !(await isPortFree(fixed)))
      throw new PortTakenError(engineTitles[name], fixed);
    for (let attempt = 1; ; attempt += 1) {
      const port = fixed ?? (await freePort());
      try {
        running.set(name, await launch(name, port));
        ports.set(name, port);
        return;
      } catch (error) {
        if (fixed !== undefined || !(error instanceof PortTakenError) || attempt === PORT_ATTEMPTS)
          throw error;
      }
    }
  };

  const stop = async (): Promise<void> => {
    await Promise.all([...running.values()].map((engine) => engine.stop()));
    if (keep) return;
    await rm(dir, { recursive: true, force: true });
    forgetDirectory(dir);
  };

  try {
    // PostgreSQL refuses a data directory another runner uses. Redis would append to the same file unawares, so it waits.
    const first = wanted.filter((name) => keep && name === 'postgres');
    for (const name of first) await startFirst(name);
    const results = await Promise.allSettled(wanted.filter((name) => !first.includes(name)).map(startFirst));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  } catch (error) {
    await stop();
    throw error;
  }

  const address = (name: EngineName): string => {
    const engine = running.get(name);
    if (engine === undefined) throw new Error(`${name} is not among the engines started`);
    return 'url' in engine ? engine.url : engine.endpoint;
  };
  return {
    get postgresUrl() {
      return address('postgres');
    },
    get redisUrl() {
      return address('redis');
    },
    get dynamodbEndpoint() {
      return address('dynamodb');
    },
    get sqsEndpoint() {
      return address('sqs');
    },
    pids: () => Object.fromEntries([...running].map(([name, engine]) => [name, engine.pid])),
    kill: async (name, signal) => {
      const engine = running.get(name);
      engine?.kill(signal);
      const ends = signal !== 'SIGSTOP' && signal !== 'SIGCONT';
      if (ends) await engine?.exited;
    },
    start: async (name) => {
      const port = ports.get(name);
      if (port === undefined || running.get(name)?.isRunning() === true) return;
      running.set(name, await launch(name, port));
    },
    stop,
  };
}

async function temporaryDirectory(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'onsale-'));
  removeWhenOrphaned(dir);
  // Root's PostgreSQL runs as another user, which must get through.
  if (process.getuid?.() === 0) await chmod(dir, 0o711);
  return dir;
}
