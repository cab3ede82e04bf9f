import { randomBytes } from 'node:crypto';
import { startTemporaryCluster } from './engines/temporary-cluster.ts';
import { type EngineName, engineNames, startEngines } from './engines/start-engines.ts';
import { createTestDatabase } from './engines/test-database.ts';

/** What a test file may ask for. */
export type TestEngineName = EngineName | 'redisCluster';

/** The part of tap's test object that is used here. */
export interface TestScope {
  teardown(handler: () => unknown): void;
}

/** A node's address, as ioredis takes it. */
export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/**
 * Addresses for one test file. Redis, DynamoDB and SQS are shared with other files: name things with uniqueId. Reading the
 * address of an engine that was not asked for throws.
 */
export interface TestEngines {
  /** A migrated database of this file's own. */
  readonly postgresUrl: string;
  readonly redisUrl: string;
  /** Three masters without replicas. */
  readonly redisClusterNodes: readonly RedisNode[];
  readonly dynamodbEndpoint: string;
  readonly sqsEndpoint: string;
  /** `${prefix}-` and twelve characters of [0-9a-f] no other test has; fits event ids, table names and queue names. */
  uniqueId(prefix: string): string;
}

/** An engine that one test may kill, empty and start again. */
export interface PrivateEngine {
  readonly url: string;
  pid(): number;
  /** Sends a signal, SIGKILL when none is given, and resolves when the process is gone (at once for SIGSTOP, SIGCONT). */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port: Redis empty, PostgreSQL with its data. */
  start(): Promise<void>;
}

interface Addresses {
  readonly postgres?: string;
  readonly redis?: string;
  readonly redisCluster?: readonly RedisNode[];
  readonly dynamodb?: string;
  readonly sqs?: string;
}

/** The variable by which the test runner hands its engines' addresses to the test files, as JSON. */
const HANDED_DOWN = 'ONSALE_TEST_ENGINES';

const everything: readonly TestEngineName[] = [...engineNames, 'redisCluster'];

const silent = () => {};

async function startSet(
  wanted: readonly TestEngineName[],
  report: (line: string) => void,
): Promise<{ addresses: Addresses; stop: () => Promise<void> }> {
  const only = engineNames.filter((name) => wanted.includes(name));
  const [set, cluster] = await Promise.allSettled([
    startEngines({ dir: '', keep: false, only, report }),
    wanted.includes('redisCluster') ? startTemporaryCluster({ masters: 3 }, report) : undefined,
  ]);
  const stop = async () => {
    await Promise.all([
      set.status === 'fulfilled' ? set.value.stop() : undefined,
      cluster.status === 'fulfilled' ? cluster.value?.stop() : undefined,
    ]);
  };
  if (set.status === 'rejected' || cluster.status === 'rejected') {
    await stop();
    throw set.status === 'rejected' ? set.reason : (cluster as PromiseRejectedResult).reason;
  }
  const engines = set.value;
  return {
    addresses: {
      ...(only.includes('postgres') ? { postgres: engines.postgresUrl } : {}),
      ...(only.includes('redis') ? { redis: engines.redisUrl } : {}),
      ...(only.includes('dynamodb') ? { dynamodb: engines.dynamodbEndpoint } : {}),
      ...(only.includes('sqs') ? { sqs: engines.sqsEndpoint } : {}),
      ...(cluster.value === undefined ? {} : { redisCluster: cluster.value.nodes }),
    },
    stop,
  };
}

/** Starts the engines all test files share; pass `env` to the test processes, whose testEngines then uses them. */
export async function startTestEngines(
  report: (line: string) => void = silent,
): Promise<{ env: Record<string, string>; stop: () => Promise<void> }> {
  const { addresses, stop } = await startSet(everything, report);
  return { env: { [HANDED_DOWN]: JSON.stringify(addresses) }, stop };
}

function given<T>(value: T | undefined, name: TestEngineName): T {
  if (value === undefined)
    throw new Error(`this test did not ask for ${name}: name it in testEngines(t, { needs: [...] })`);
  return value;
}

/**
 * Engines for a test file: the runner's when it handed them down, else a set of its own that ends with `t`. A file run
 * alone starts faster when it names what it needs; the cluster alone takes two seconds.
 */
export async function testEngines(
  t: TestScope,
  options: { readonly needs?: readonly TestEngineName[] } = {},
): Promise<TestEngines> {
  const needs = options.needs ?? everything;
  const handedDown = process.env[HANDED_DOWN];
  let addresses: Addresses;
  if (handedDown === undefined) {
    const own = await startSet(needs, (line) => console.error(line));
    t.teardown(own.stop);
    addresses = own.addresses;
  } else {
    const all = JSON.parse(handedDown) as Addresses;
    addresses = Object.fromEntries(needs.map((name) => [name, all[name]]));
  }
  const database = needs.includes('postgres')
    ? await createTestDatabase(given(addresses.postgres, 'postgres'))
    : undefined;
  return {
    get postgresUrl() {
      return given(database, 'postgres');
    },
    get redisUrl() {
      return given(addresses.redis, 'redis');
    },
    get redisClusterNodes() {
      return given(addresses.redisCluster, 'redisCluster');
    },
    get dynamodbEndpoint() {
      return given(addresses.dynamodb, 'dynamodb');
    },
    get sqsEndpoint() {
      return given(addresses.sqs, 'sqs');
    },
    uniqueId: (prefix) => `${prefix}-${randomBytes(6).toString('hex')}`,
  };
}

async function privateEngine(t: TestScope, name: EngineName): Promise<PrivateEngine> {
  const engines = await startEngines({ dir: '', keep: false, only: [name], report: silent });
  t.teardown(engines.stop);
  return {
    url: name === 'postgres' ? await createTestDatabase(engines.postgresUrl) : engines.redisUrl,
    pid: () => given(engines.pids()[name], name),
    kill: (signal = 'SIGKILL') => engines.kill(name, signal),
    start: () => engines.start(name),
  };
}

/** A Redis of the test's own, for faults; keeps nothing over a kill. */
export function privateRedis(t: TestScope): Promise<PrivateEngine> {
  return privateEngine(t, 'redis');
}

/** A PostgreSQL of the test's own with a migrated database, for faults; keeps its data over a kill. */
export function privatePostgres(t: TestScope): Promise<PrivateEngine> {
  return privateEngine(t, 'postgres');
}
