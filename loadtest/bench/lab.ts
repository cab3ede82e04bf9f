import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Child, type ChildOptions, startChild } from './child.ts';
import { type InstantStub, startInstantStub } from './instant-stub.ts';
import { pinProcess } from './processor.ts';
import {
  type Entry,
  podFlags,
  type Service,
  type ServiceName,
  sourceEntry,
  startService,
} from './service.ts';
import { openStoreMeter, type StoreMeter } from './store-cpu.ts';
import { ticketEventOf, type Venue } from './venue.ts';

/** Everything that runs while it is measured. */
export interface Lab {
  readonly engines: { readonly postgresUrl: string; readonly redisUrl: string };
  readonly stores: StoreMeter;
  readonly stub: InstantStub;
  /** Starts a server on the core under test, with the services' settings. */
  start(name: ServiceName, entry?: Entry, settings?: Readonly<Record<string, string>>): Promise<Service>;
  /** Starts another process on that core. */
  startBeside(file: URL, options?: Pick<ChildOptions, 'args'>): Promise<Child>;
  publish(event: NewEvent): Promise<void>;
  readonly services: Readonly<Record<ServiceName, Service>>;
  /** Starts the services anew, with these settings beside their own. */
  restart(settings: Readonly<Record<string, string>>): Promise<void>;
  /** Of these services. */
  readonly commitQueue: string;
  readonly baseline: { readonly pid: number; readonly port: number };
  /** False where processes share cores: figures are then noisier. */
  readonly isPinned: boolean;
  stop(): Promise<void>;
}

export interface NewEvent {
  readonly eventId: string;
  readonly venue: Venue;
  readonly opensAtMs: number;
  readonly ratePerSecond: number;
}

const commitQueue = 'bench-commits.fifo';
export const webhookSecret = 'bench-webhook-secret';
export const roomTokenSecret = 'bench-room-token-key-0123456789abcdef';
export const lockTable = 'bench-lock-items';
const adminToken = 'bench-admin-token-0123';
const saleMs = 6 * 3_600_000;

export interface LabOptions {
  /** Where each service leaves a CPU profile. */
  readonly profileDir?: string | undefined;
  /** Another checkout of this project, whose services are measured beside these. */
  readonly against?: URL | undefined;
}

/** Starts engines, stub, services and baseline; on a failure nothing is left running. */
export async function startLab(
  report: (line: string) => void,
  { profileDir, against }: LabOptions = {},
): Promise<Lab & { readonly other?: Lab }> {
  const children: Child[] = [];
  let stores: StoreMeter | undefined;
  const stop = async () => {
    await stores?.close();
    stores = undefined;
    for (const child of children.splice(0).reverse()) await child.stop();
  };
  const keep = (child: Child): Child => {
    children.push(child);
    return child;
  };
  try {
    // Whatever is started from here on inherits it, until it is put on the other core.
    const isPinned = pinProcess(process.pid, 'beside');
    report('Starting PostgreSQL and Redis');
    const enginesChild = keep(startChild(new URL('../../services/local/engines-child.ts', import.meta.url)));
    const engines = await enginesChild.nextMessage<{ postgresUrl: string; redisUrl: string }>();
    stores = await openStoreMeter(engines);
    const stub = await startInstantStub();
    keep(stub.child);
    const queueUrl = (name: string) => `${stub.url}/0/${name}`;
    const env = {
      LOG_LEVEL: 'info',
      AWS_REGION: 'ap-northeast-1',
      POSTGRES_URL: engines.postgresUrl,
      REDIS_URL: engines.redisUrl,
      DYNAMODB_ENDPOINT: stub.url,
      SQS_ENDPOINT: stub.url,
      COMMIT_QUEUE_URL: queueUrl(commitQueue),
      LOCK_TABLE: lockTable,
      QUEUE_WAIT_SEC: '2',
      IDENTITY: 'open',
      ADMIN_TOKEN: adminToken,
      ROOM_TOKEN_KEYS: roomTokenSecret,
      PAYMENT_WEBHOOK_SECRETS: webhookSecret,
      PAYMENT_PROVIDER_URL: stub.url,
      API_BASE: 'http://127.0.0.1',
      // What queues behind a full core is what is measured here; in a deployment more pods take it.
      SHED_REQUESTS_IN_FLIGHT: '0',
      // It would slow admission down for the very load that measures.
      ADMISSION_STEERED: 'false',
    };
    const start: Lab['start'] = async (name, entry, settings = {}) => {
      const { file, execArgv } = entry ?? sourceEntry(name);
      const profiling = profileDir ? ['--cpu-prof', `--cpu-prof-dir=${profileDir}`] : [];
      const service = await startService(
        name,
        { ...env, ...settings },
        { file, execArgv: [...execArgv, ...profiling] },
      );
      keep(service.child);
      pinProcess(service.pid, 'under-test');
      return service;
    };
    const startBeside: Lab['startBeside'] = async (file, options = {}) => {
      const child = keep(
        startChild(file, { ...options, execArgv: podFlags, env: { NODE_ENV: 'production' } }),
      );
      pinProcess(child.pid, 'under-test');
      return child;
    };
    const startServices = async (queue: string, checkout?: URL) => {
      const startOne = (name: ServiceName, settings: Readonly<Record<string, string>> = {}) =>
        start(name, sourceEntry(name, checkout), { COMMIT_QUEUE_URL: queueUrl(queue), ...settings });
      const services = {
        'public-api': await startOne('public-api'),
        'confirm-api': await startOne('confirm-api'),
        'confirm-worker': await startOne('confirm-worker'),
      };
      const restart: Lab['restart'] = async (settings) => {
        for (const { child } of Object.values(services)) await child.stop();
        for (const { name } of Object.values(services)) services[name] = await startOne(name, settings);
      };
      return { services, restart, commitQueue: queue, publish: publisherOf(services) };
    };
    report('Starting public-api, confirm-api, confirm-worker and the baseline');
    const ours = await startServices(commitQueue);
    const baselineChild = await startBeside(new URL('./baseline-child.ts', import.meta.url));
    const { port } = await baselineChild.nextMessage<{ port: number }>();
    const shared = {
      engines,
      stores,
      stub,
      start,
      startBeside,
      baseline: { pid: baselineChild.pid, port },
      isPinned,
      stop,
    };
    if (!against) return { ...shared, ...ours };
    report(`Starting the services of ${fileURLToPath(against)}`);
    return {
      ...shared,
      ...ours,
      other: { ...shared, ...(await startServices('bench-commits-other.fifo', against)) },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function publisherOf(services: Lab['services']): Lab['publish'] {
  return async ({ eventId, venue, opensAtMs, ratePerSecond }) => {
    const times = { opensAtMs, closesAtMs: opensAtMs + saleMs };
    const { internalPort } = services['public-api'];
    const url = `http://127.0.0.1:${internalPort}/admin/ticket-events`;
    const document = JSON.stringify(ticketEventOf(eventId, venue, times, ratePerSecond));
    // Half a million seats are laid out before it answers; on a busy machine that may take more than one attempt.
    await until(`${eventId} to be published`, async () => {
      const answer = await fetch(url, {
        method: 'PUT',
        headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
        body: document,
      });
      const text = await answer.text();
      if (answer.status === 503) return false;
      if (!answer.ok) throw new Error(`Could not publish ${eventId}: ${text}`);
      return true;
    });
  };
}

/** Resolves when `holds` does; rejects after the deadline, naming what was waited for. */
export async function until(
  what: string,
  holds: () => Promise<boolean> | boolean,
  deadlineMs = 60_000,
): Promise<void> {
  const endsAt = performance.now() + deadlineMs;
  while (!(await holds())) {
    if (performance.now() > endsAt) throw new Error(`Waited ${deadlineMs / 1000} s in vain for ${what}`);
    // Not so often that a buyer is throttled for it.
    await delay(50);
  }
}
