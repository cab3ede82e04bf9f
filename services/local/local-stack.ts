import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { migrate } from '@onsale/orders/migrate';
import type { EngineExit } from './engines/engine-process.ts';
import { type EngineName, type Engines, startEngines } from './engines/start-engines.ts';
import { localSecrets } from './local-secrets.ts';
import { pageDir } from './page/build-page.ts';
import { startPaymentProvider } from './payment-provider/start-payment-provider.ts';
import { type RoutedService, type Router, startRouter } from './router.ts';
import { type ServiceName, serviceNames, type ServiceProcess, startService } from './service-process.ts';
import { createStores } from './stores/create-stores.ts';

type Settings = Readonly<Record<string, string>>;

export interface LocalStackOptions {
  /** Port of the one address; 0 picks a free one. */
  readonly port: number;
  /** Logs go here, and data when it is kept. */
  readonly dir: string;
  /** Data survives a stop. */
  readonly keep: boolean;
  /** Replicas of each service; default 1. */
  readonly replicas?: number;
  /** Settings laid over the local ones, for every service; made of the local ones where they depend on them. */
  readonly environment?: Settings | ((local: Settings) => Promise<Settings>);
  /** Folder of the services' bundles, as npm run bundle makes it; sources run when absent. */
  readonly bundles?: string;
  readonly report: (line: string) => void;
  /** Called when a part ends unasked. */
  readonly onUnexpectedExit?: (exit: EngineExit, part: EngineName | ServiceName | 'payment-provider') => void;
}

/** Everything a sale needs, on loopback. */
export interface LocalStack {
  readonly url: string;
  readonly engines: Engines;
  readonly paymentProviderUrl: string;
  readonly replicas: ReadonlyMap<ServiceName, readonly ServiceProcess[]>;
  /** The internal address of a service's first replica. */
  internalUrl(name: ServiceName): string;
  /** Replaces every replica of a service, one by one, as a rollout does: the new one is ready before the old one drains. */
  rollingRestart(name: ServiceName): Promise<void>;
  /** Makes lock table and queues again after their emulator, which keeps nothing without keep, was started anew. */
  createTableAndQueues(): Promise<void>;
  /** Starts a service's replicas that have ended again. */
  revive(name: ServiceName): Promise<void>;
  stop(): Promise<void>;
}

const region = 'ap-northeast-1';

/** Starts engines, creates schema, table and queues, then services and router; on a failure nothing is left running. */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { report, keep, dir } = options;
  const replicaCount = options.replicas ?? 1;
  const logDir = join(dir, 'logs');
  await mkdir(logDir, { recursive: true });

  const undo: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    // Services drain into engines that still run, so things stop in the reverse order of their start.
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    return await start();
  } catch (error) {
    await stop();
    throw error;
  }

  async function start(): Promise<LocalStack> {
    // The port first: a taken one is the most likely trouble, and known at once.
    const router: Router = await startRouter(options.port, pageDir);
    undo.push(() => router.close());

    report('Starting PostgreSQL, Redis, DynamoDB and SQS');
    const engines = await startEngines({
      dir: join(dir, 'data'),
      keep,
      report,
      onEngineExit: (name, exit) => options.onUnexpectedExit?.(exit, name),
    });
    undo.push(() => engines.stop());

    report('Creating schema, lock table and queues');
    const table = 'onsale-lock-items';
    const createTableAndQueues = () =>
      createStores({
        region,
        dynamodbEndpoint: engines.dynamodbEndpoint,
        sqsEndpoint: engines.sqsEndpoint,
        table,
        queue: 'onsale-commits',
      });
    const [queue] = await Promise.all([createTableAndQueues(), migrate(engines.postgresUrl)]);

    const provider = await startPaymentProvider({
      webhookUrl: `${router.url}/confirm/payment-callback`,
      onExit: (exit) => options.onUnexpectedExit?.(exit, 'payment-provider'),
    });
    undo.push(() => provider.stop());
    router.setTargets('payment-provider', [provider.url]);

    const local: Settings = {
      LOG_LEVEL: 'info',
      AWS_REGION: region,
      POSTGRES_URL: engines.postgresUrl,
      REDIS_URL: engines.redisUrl,
      DYNAMODB_ENDPOINT: engines.dynamodbEndpoint,
      SQS_ENDPOINT: engines.sqsEndpoint,
      LOCK_TABLE: table,
      COMMIT_QUEUE_URL: queue.queueUrl,
      COMMIT_DLQ_URL: queue.dlqUrl,
      QUEUE_WAIT_SEC: '1',
      IDENTITY: 'open',
      LOCAL_JWT_KEY: localSecrets.jwtKey,
      ADMIN_TOKEN: localSecrets.adminToken,
      ROOM_TOKEN_KEYS: localSecrets.roomTokenKey,
      TICKET_KEYS: localSecrets.ticketKey,
      PAYMENT_WEBHOOK_SECRETS: localSecrets.paymentWebhookSecret,
      PAYMENT_PROVIDER_URL: provider.url,
      PAYMENT_PROVIDER_KEY: localSecrets.paymentProviderKey,
      API_BASE: router.url,
    };
    const laidOver =
      typeof options.environment === 'function' ? await options.environment(local) : options.environment;
    const environment = { ...local, ...laidOver };
    const replicas = new Map<ServiceName, ServiceProcess[]>(serviceNames.map((name) => [name, []]));
    const ended = new Set<ServiceProcess>();
    const startReplica = async (name: ServiceName): Promise<ServiceProcess> => {
      const started: { service?: ServiceProcess } = {};
      started.service = await startService({
        name,
        environment,
        logDir,
        bundle: options.bundles && join(options.bundles, name, 'main.mjs'),
        onExit: (exit) => {
          // One that ends while it starts: startService says so.
          if (!started.service) return;
          ended.add(started.service);
          route(name);
          options.onUnexpectedExit?.(exit, name);
        },
      });
      return started.service;
    };
    const route = (name: ServiceName) => {
      if (name === 'confirm-worker') return;
      const live = replicas.get(name)!.filter((replica) => !ended.has(replica));
      router.setTargets(
        name satisfies RoutedService,
        live.map((replica) => replica.url),
      );
    };

    report('Starting public-api, confirm-api and confirm-worker');
    undo.push(async () => {
      // Buyers' services first: what they accepted last still finds a worker.
      for (const names of [['public-api', 'confirm-api'], ['confirm-worker']] as const) {
        await Promise.all(names.flatMap((name) => replicas.get(name)!.map((replica) => replica.stop())));
      }
    });
    const started = await Promise.allSettled(
      serviceNames.flatMap((name) =>
        Array.from({ length: replicaCount }, async () => {
          replicas.get(name)!.push(await startReplica(name));
        }),
      ),
    );
    const failed = started.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    for (const name of serviceNames) route(name);

    return {
      url: router.url,
      engines,
      paymentProviderUrl: provider.url,
      replicas,
      internalUrl: (name) => replicas.get(name)![0]!.internalUrl,
      async rollingRestart(name) {
        const group = replicas.get(name)!;
        for (let index = 0; index < group.length; index++) {
          const old = group[index]!;
          group[index] = await startReplica(name);
          route(name);
          await old.stop();
        }
      },
      async createTableAndQueues() {
        await createTableAndQueues();
      },
      async revive(name) {
        const group = replicas.get(name)!;
        for (let index = 0; index < group.length; index++) {
          if (ended.has(group[index]!)) group[index] = await startReplica(name);
        }
        route(name);
      },
      stop,
    };
  }
}
