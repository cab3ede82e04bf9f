import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeExit } from '@onsale/local/engines/engine-process';
import { forgetDirectory, removeWhenOrphaned } from '@onsale/local/engines/reaper';
import { type EngineName, engineNames } from '@onsale/local/engines/start-engines';
import { type LocalStack, startLocalStack } from '@onsale/local/local-stack';
import { type ServiceName, serviceNames } from '@onsale/local/service-process';
import type { SeededRandom } from '@onsale/platform/seeded-random';
import { type AwsProxy, startAwsProxy } from './aws-proxy.ts';
import { type CrashPoints, createCrashPoints } from './crash-points.ts';
import { type FaultCluster, startFaultCluster } from './fault-cluster.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** The engines that are asked by HTTP. */
export type AwsEngine = Extract<EngineName, 'dynamodb' | 'sqs'>;

/** A stack whose services reach every engine, but for a cluster, through a proxy of ours. */
export interface FaultStack {
  readonly stack: LocalStack;
  readonly proxies: Readonly<Record<EngineName, TcpProxy>>;
  /** Behind those: what reaches the engine as bytes is a call here. */
  readonly awsProxies: Readonly<Record<AwsEngine, AwsProxy>>;
  /** What services have instead of the one Redis, where a run is on a cluster. */
  readonly cluster: FaultCluster | undefined;
  readonly crashPoints: CrashPoints;
  /** Sets a process's wall clock off by so much; it reads what is said here when it is sent SIGWINCH. */
  setClockOff(pid: number, offMs: number): Promise<void>;
  /** Where Redis keeps its append-only files: what an old copy of them is put back over. */
  readonly redisFiles: string;
  /** Services that ended by themselves, in a line each; they were started again. */
  readonly crashes: readonly string[];
  /** Starts what has ended of a service. */
  revive(name: ServiceName): Promise<void>;
  stop(): Promise<void>;
}

/** How long a commit waits for its capture, and a capture for its hold: what a run waits for at its end. */
const paymentWaitSec = 5;

/**
 * Starts engines that keep their data when they are killed, as the real ones do, and two replicas of each service (one where
 * a run is to be small). Waits that are minutes in production are seconds here.
 */
export async function startFaultStack(options: {
  readonly random: SeededRandom;
  readonly replicas: number;
  readonly onCluster: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  readonly report: (line: string) => void;
}): Promise<FaultStack> {
  const { random, replicas, report } = options;
  const dir = await mkdtemp(join(tmpdir(), 'onsale-faults-'));
  removeWhenOrphaned(dir);
  const crashes: string[] = [];
  const isService = (part: string) => (serviceNames as readonly string[]).includes(part);
  const running: { stack?: LocalStack } = {};
  const reviving = new Map<ServiceName, Promise<void>>();
  // Of a service one after the other: two at once would start a replica twice.
  const revive = (name: ServiceName) => {
    const before = reviving.get(name) ?? Promise.resolve();
    const revived = before.catch(() => undefined).then(() => running.stack?.revive(name));
    reviving.set(name, revived);
    return revived;
  };
  const proxies = {} as Record<EngineName, TcpProxy>;
  const awsProxies = {} as Record<AwsEngine, AwsProxy>;
  const parts: { cluster?: FaultCluster } = {};
  const clean = async () => {
    await parts.cluster?.stop();
    await Promise.all(
      [...Object.values(proxies), ...Object.values(awsProxies)].map((proxy) => proxy.close()),
    );
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    forgetDirectory(dir);
  };
  try {
    if (options.onCluster) parts.cluster = await startFaultCluster();
    const { cluster } = parts;
    const stack = await startLocalStack({
      port: 0,
      dir,
      keep: true,
      replicas,
      report,
      onUnexpectedExit: (exit, part) => {
        // What a fault killed has a signal for its reason, and is started again by the fault.
        if (exit.signal !== null || !isService(part)) return;
        crashes.push(describeExit(exit));
        revive(part as ServiceName).catch(() => undefined);
      },
      environment: async (local) => {
        const addresses = {
          postgres: 'POSTGRES_URL',
          redis: 'REDIS_URL',
          dynamodb: 'DYNAMODB_ENDPOINT',
          sqs: 'SQS_ENDPOINT',
        } as const;
        const settings: Record<string, string> = {};
        for (const engine of engineNames) {
          const address = new URL(local[addresses[engine]]!);
          const varying = random.fork(`proxy ${engine}`);
          let port = Number(address.port);
          if (engine === 'dynamodb' || engine === 'sqs') {
            awsProxies[engine] = await startAwsProxy(port);
            port = awsProxies[engine].port;
          }
          proxies[engine] = await startTcpProxy(port, () => varying.next());
          address.port = String(proxies[engine].port);
          settings[addresses[engine]] = address.href.replace(/\/$/, '');
        }
        for (const queue of ['COMMIT_QUEUE_URL', 'COMMIT_DLQ_URL']) {
          const address = new URL(local[queue]!);
          address.port = String(proxies.sqs.port);
          settings[queue] = address.href;
        }
        return {
          ...settings,
          // The stack's own server has nothing to do then.
          ...(cluster && { REDIS_URL: cluster.url, REDIS_CLUSTER: 'true' }),
          LOG_LEVEL: 'warn',
          PAYMENT_WAIT_SEC: String(paymentWaitSec),
          VISIBILITY_TIMEOUT_SEC: '5',
          RESEND_INTERVAL_MS: '500',
          RESEND_AFTER_MS: '1500',
          REFUND_INTERVAL_MS: '500',
          PAYMENT_SWEEP_INTERVAL_MS: '500',
          BUYER_LIMIT: '0',
          NODE_OPTIONS: [
            new URL('./clock-hook.ts', import.meta.url),
            new URL('./crash-hook.ts', import.meta.url),
          ]
            .map(({ href }) => `--import ${href}?dir=${dir}`)
            .join(' '),
          ...options.environment,
        };
      },
    });
    running.stack = stack;
    return {
      stack,
      proxies,
      awsProxies,
      cluster,
      crashes,
      crashPoints: createCrashPoints(dir),
      setClockOff: (pid, offMs) => writeFile(join(dir, `clock-${pid}`), String(offMs)),
      revive,
      redisFiles: join(dir, 'data', 'redis', 'appendonlydir'),
      async stop() {
        for (const proxy of Object.values(proxies)) proxy.set({});
        await Promise.allSettled(reviving.values());
        await stack.stop();
        await clean();
      },
    };
  } catch (error) {
    await clean();
    throw error;
  }
}
