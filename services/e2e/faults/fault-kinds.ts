import { cp, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type ServiceName, serviceNames } from '@onsale/local/service-process';
import { answersLost, type Harm, partialDynamoDb, partialSqs, throttling } from './aws-troubles.ts';
import type { AwsTrouble } from './aws-proxy.ts';
import type { AwsEngine } from './fault-stack.ts';
import type { Fault } from './fault-scene.ts';
import { killBetweenStores } from './kill-between-stores.ts';
import { monotonicNowMs } from './history.ts';
import { setPaymentBehaviour } from './payment-behaviour.ts';
import { type DeliveryHarm, harmDeliveries } from './queue-deliveries.ts';
import { shardFailsOver } from './shard-fails-over.ts';

type Engine = 'postgres' | 'redis' | 'dynamodb' | 'sqs';

const killService =
  (name: ServiceName): Fault =>
  async ({ target: { stack, revive } }, durationMs, random) => {
    const replicas = stack.replicas.get(name)!;
    const victims = random.chance(0.5) ? [...replicas] : [random.pick(replicas)];
    await Promise.all(victims.map(({ kill }) => kill('SIGKILL')));
    await delay(durationMs);
    await revive(name);
  };

/** One replica after the other, at drawn moments: sooner or later between any two stores. */
const killAtMoments: Fault = async ({ target: { stack, revive } }, durationMs, random) => {
  const until = monotonicNowMs() + durationMs;
  while (monotonicNowMs() < until) {
    const name = random.pick(serviceNames);
    await random.pick(stack.replicas.get(name)!).kill('SIGKILL');
    await delay(random.between(100, 300));
    await revive(name);
    await delay(random.between(0, 300));
  }
  for (const name of serviceNames) await revive(name);
};

/** The wall clock of one replica is stepped; the one clock, which Redis tells, is not. */
const clockJumps: Fault = async ({ target: { stack, setClockOff }, note }, durationMs, random) => {
  const { pid, kill } = random.pick(stack.replicas.get(random.pick(serviceNames))!);
  const offMs = random.pick([-1, 1]) * random.pick([900, 5000, 60_000, 290_000]);
  for (const [off, forMs] of [
    [offMs, durationMs],
    [0, 0],
  ] as const) {
    await setClockOff(pid, off);
    await kill('SIGWINCH');
    note('jumps of a clock');
    await delay(forMs);
  }
};

const freezeService =
  (name: ServiceName): Fault =>
  async ({ target: { stack } }, durationMs, random) => {
    const { kill } = random.pick(stack.replicas.get(name)!);
    await kill('SIGSTOP');
    await delay(durationMs);
    await kill('SIGCONT');
  };

const killEngine =
  (name: Engine): Fault =>
  async ({ target: { stack }, onRedisLoss }, durationMs) => {
    const fromMs = monotonicNowMs();
    await stack.engines.kill(name, 'SIGKILL');
    if (name === 'redis') onRedisLoss({ fromMs, placesToo: false });
    await delay(durationMs);
    await stack.engines.start(name);
  };

const freezeEngine =
  (name: Engine): Fault =>
  async ({ target: { stack } }, durationMs) => {
    await stack.engines.kill(name, 'SIGSTOP');
    await delay(durationMs);
    await stack.engines.kill(name, 'SIGCONT');
  };

const delayEngine =
  (name: Engine): Fault =>
  async ({ target: { proxies } }, durationMs, random) => {
    proxies[name].set({ latencyMs: random.between(5, 80), jitterMs: random.between(0, 120) });
    await delay(durationMs);
    proxies[name].set({});
  };

const stallEngine =
  (name: Engine): Fault =>
  async ({ target: { proxies } }, durationMs) => {
    proxies[name].set({ stalled: true });
    await delay(durationMs);
    proxies[name].set({});
  };

/** Connections close every so often, and some in the middle of a sentence. */
const cutEngine =
  (name: Engine): Fault =>
  async ({ target: { proxies } }, durationMs, random) => {
    proxies[name].set({ resetAfterBytes: random.between(500, 20_000) });
    const until = monotonicNowMs() + durationMs;
    while (monotonicNowMs() < until) {
      proxies[name].cut(random.chance(0.5) ? 'reset' : 'close');
      await delay(random.between(50, 600));
    }
    proxies[name].set({});
    proxies[name].cut('reset');
  };

/** A share of an AWS service's calls goes wrong in one way. */
const troubleAws =
  (name: AwsEngine, trouble: (harm: Harm) => AwsTrouble): Fault =>
  async ({ target: { awsProxies }, note }, durationMs, random) => {
    awsProxies[name].set(trouble({ random, share: random.between(2, 9) / 10, note }));
    await delay(durationMs);
    awsProxies[name].set(undefined);
  };

const harmQueue =
  (how: DeliveryHarm): Fault =>
  async ({ target: { awsProxies }, note }, durationMs, random) => {
    const deliveries = harmDeliveries(how, { random, share: random.between(3, 9) / 10, note });
    awsProxies.sqs.set(deliveries.trouble);
    await delay(durationMs);
    deliveries.calm();
    // What nobody asks for in that time comes again by the queue, once it is not hidden any more.
    const deadline = monotonicNowMs() + 10_000;
    while (deliveries.waiting() > 0 && monotonicNowMs() < deadline) await delay(50);
    awsProxies.sqs.set(undefined);
  };

const redisFlushed: Fault = async ({ stores, onRedisLoss }) => {
  onRedisLoss({ fromMs: monotonicNowMs(), placesToo: true });
  await stores.emptyRedis();
};

/** As a replica that had not heard of them yet: some keys of some sections are not there. */
const sectionsDropped: Fault = async ({ stores, saleId, onRedisLoss }, _durationMs, random) => {
  onRedisLoss({ fromMs: monotonicNowMs(), placesToo: false });
  const keys = await stores.redisKeys(`{${saleId()}#*:section:*`);
  await stores.dropKeys(keys.filter(() => random.chance(0.4)));
};

/** As a replica promoted with seconds of writes missing: another server, with an older state. */
const redisOld: Fault = async ({ target: { stack, redisFiles }, onRedisLoss }, durationMs, random) => {
  const old = `${redisFiles}.old`;
  await rm(old, { recursive: true, force: true });
  await cp(redisFiles, old, { recursive: true });
  await delay(random.between(800, 2500));
  onRedisLoss({ fromMs: monotonicNowMs(), placesToo: true });
  await stack.engines.kill('redis', 'SIGKILL');
  await rm(redisFiles, { recursive: true, force: true });
  await cp(old, redisFiles, { recursive: true });
  await delay(durationMs / 4);
  await stack.engines.start('redis');
};

const postgresRestarted: Fault = async ({ target: { stack } }, durationMs) => {
  await stack.engines.kill('postgres', 'SIGINT');
  await delay(durationMs / 4);
  await stack.engines.start('postgres');
};

/** Whatever statement or transaction is under way ends in the middle. */
const connectionsCut: Fault = async ({ stores }, durationMs, random) => {
  const until = monotonicNowMs() + durationMs;
  while (monotonicNowMs() < until) {
    await stores.postgres.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where backend_type = 'client backend' and application_name <> 'faults-checker'`,
    );
    await delay(random.between(20, 400));
  }
};

const pay =
  (...behaviours: readonly string[]): Fault =>
  async ({ target: { stack } }, durationMs, random) => {
    const until = monotonicNowMs() + durationMs;
    while (monotonicNowMs() < until) {
      await setPaymentBehaviour(stack.paymentProviderUrl, random.pick(behaviours));
      await delay(300);
    }
    await setPaymentBehaviour(stack.paymentProviderUrl, 'success');
  };

/** Every replica of one service is replaced, one by one. */
const rollingRestart: Fault = async ({ target: { stack } }, _durationMs, random) => {
  await stack.rollingRestart(random.pick(serviceNames));
};

/** Every kind of fault, by its name on the command line. */
export const faultKinds = {
  'kill-public-api': killService('public-api'),
  'kill-confirm-api': killService('confirm-api'),
  'kill-confirm-worker': killService('confirm-worker'),
  'kill-at-moments': killAtMoments,
  'kill-between-stores': killBetweenStores,
  'clock-jumps': clockJumps,
  'freeze-public-api': freezeService('public-api'),
  'freeze-confirm-api': freezeService('confirm-api'),
  'freeze-confirm-worker': freezeService('confirm-worker'),
  'kill-redis': killEngine('redis'),
  'kill-postgres': killEngine('postgres'),
  'kill-dynamodb': killEngine('dynamodb'),
  'kill-sqs': killEngine('sqs'),
  'freeze-redis': freezeEngine('redis'),
  'freeze-postgres': freezeEngine('postgres'),
  'freeze-dynamodb': freezeEngine('dynamodb'),
  'freeze-sqs': freezeEngine('sqs'),
  'delay-redis': delayEngine('redis'),
  'delay-postgres': delayEngine('postgres'),
  'delay-dynamodb': delayEngine('dynamodb'),
  'delay-sqs': delayEngine('sqs'),
  'stall-redis': stallEngine('redis'),
  'stall-postgres': stallEngine('postgres'),
  'stall-dynamodb': stallEngine('dynamodb'),
  'stall-sqs': stallEngine('sqs'),
  'cut-redis': cutEngine('redis'),
  'cut-postgres': cutEngine('postgres'),
  'cut-dynamodb': cutEngine('dynamodb'),
  'cut-sqs': cutEngine('sqs'),
  'dynamodb-throttled': troubleAws('dynamodb', throttling('ProvisionedThroughputExceededException')),
  'dynamodb-partial': troubleAws('dynamodb', partialDynamoDb()),
  'dynamodb-answers-lost': troubleAws('dynamodb', answersLost()),
  'sqs-throttled': troubleAws('sqs', throttling('RequestThrottled')),
  'sqs-partial': troubleAws('sqs', partialSqs()),
  'sqs-answers-lost': troubleAws('sqs', answersLost()),
  'queue-late': harmQueue('late'),
  'queue-repeated': harmQueue('again'),
  'queue-reordered': harmQueue('reordered'),
  'redis-emptied': redisFlushed,
  'redis-sections-dropped': sectionsDropped,
  'redis-older-state': redisOld,
  'cluster-failover': shardFailsOver('killed'),
  'cluster-master-frozen': shardFailsOver('frozen'),
  'cluster-takeover': shardFailsOver('deposed'),
  'postgres-restarted': postgresRestarted,
  'postgres-connections-cut': connectionsCut,
  'callbacks-late': pay('late'),
  'callbacks-lost': pay('manual', 'success'),
  'callbacks-repeated': pay('duplicate', 'reordered', 'twice', 'failure'),
  'rolling-restart': rollingRestart,
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof faultKinds;

/** Faults of one server, which a cluster answers otherwise, or which pass a proxy no cluster is behind. */
const ofOneServer = /^(kill|freeze|delay|stall|cut)-redis$|^redis-older-state$/;

/** The faults there are where Redis is one server, or a cluster. */
export function faultNames(onCluster: boolean): FaultName[] {
  const others = onCluster ? ofOneServer : /^cluster-/;
  return (Object.keys(faultKinds) as FaultName[]).filter((name) => !others.test(name));
}
