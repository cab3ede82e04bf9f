import { setTimeout as delay } from 'node:timers/promises';
import { publishTicketEvent } from '@onsale/local/admin-client';
import { localSecrets } from '@onsale/local/local-secrets';
import { checkHistory } from './checker/check-history.ts';
import type { Violation } from './checker/violation.ts';
import type { RedisLoss, SeatedSale } from './checker/world.ts';
import { type FaultName, faultKinds, faultNames } from './fault-kinds.ts';
import { setPaymentBehaviour } from './payment-behaviour.ts';
import { planFaults, type PlannedFault } from './fault-schedule.ts';
import { type FaultStack, startFaultStack } from './fault-stack.ts';
import { recoveriesOf, type Recovery } from './figures.ts';
import { createHistory, type Exchange, monotonicNowMs } from './history.ts';
import { measureCommits } from './measure-commits.ts';
import { offerOf, publishOpenSale, publishSales, smallSales, steadySale } from './publish-sales.ts';
import { createStoreReader, type SeatedSetup, type StoreReader } from './read-world.ts';
import { startLoad } from './run-load.ts';
import type { ScenarioName } from './scenarios.ts';
import { usualMix } from './scenarios.ts';
import { createSeededRandom } from '@onsale/platform/seeded-random';

export interface FaultRunOptions {
  readonly seed: string;
  readonly lengthMs: number;
  /** Only these kinds of fault. */
  readonly only?: readonly FaultName[];
  /** These faults and no others, whatever the seed would draw. */
  readonly schedule?: readonly PlannedFault[];
  readonly buyers: number;
  readonly replicas: number;
  /** On a Redis cluster of three masters with a replica each, instead of one server. */
  readonly onCluster?: boolean;
  /** One sale that does not sell out instead of many small ones: rates before and after a fault can be compared. */
  readonly isSteady?: boolean;
  readonly mix?: Readonly<Partial<Record<ScenarioName, number>>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Purchases one after the other beforehand, to measure a commit without load. */
  readonly unloadedCommits: number;
  /** How long after the load everything may take to come to rest. */
  readonly quietWithinMs: number;
  /** What the payment provider does with payments unless a fault says otherwise; default `success`. */
  readonly payments?: string;
  /** Called with the stores once they are up, before anybody comes. */
  readonly prepare?: (stores: StoreReader) => Promise<unknown>;
  readonly report: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface FaultRun {
  readonly schedule: readonly PlannedFault[];
  readonly violations: readonly Violation[];
  readonly exchanges: readonly Exchange[];
  readonly recoveries: readonly Recovery[];
  /** Milliseconds from 202 to the end of the order, ascending, before the load. */
  readonly unloadedCommitMs: readonly number[];
  /** How long the stores took to come to rest; undefined when they did not. */
  readonly quietMs: number | undefined;
  readonly tickets: number;
  /** What faults have done, where they are counted: `dynamodb-partial: items left unprocessed`. */
  readonly harm: Readonly<Record<string, number>>;
  /** Points between two stores that services came to, and those at which one was killed. */
  readonly points: { readonly seen: readonly string[]; readonly died: readonly string[] };
}

/** Plays a sale under load and faults, waits until it is quiet, and has the checker look at all of it. */
export async function runFaults(options: FaultRunOptions): Promise<FaultRun> {
  const { seed, lengthMs, report } = options;
  const random = createSeededRandom(seed);
  const kinds = options.only ?? faultNames(options.onCluster ?? false);
  const calmMs = options.isSteady ? 10_000 : 4000;
  const schedule = options.schedule ?? planFaults(random.fork('schedule'), kinds, { lengthMs, calmMs });
  const target = await startFaultStack({
    random: random.fork('stack'),
    replicas: options.replicas,
    onCluster: options.onCluster ?? false,
    report: () => undefined,
    ...(options.environment ? { environment: options.environment } : {}),
  });
  const { stack } = target;
  const stores = createStoreReader({
    postgresUrl: stack.engines.postgresUrl,
    redisUrl: target.cluster?.url ?? stack.engines.redisUrl,
    dynamodbEndpoint: stack.engines.dynamodbEndpoint,
    sqsEndpoint: stack.engines.sqsEndpoint,
    paymentProviderUrl: stack.paymentProviderUrl,
  });
  try {
    await options.prepare?.(stores);
    return await play(options, { schedule, calmMs }, target, stores);
  } finally {
    await stores.close();
    report('Stopping');
    await target.stop();
  }
}

async function play(
  options: FaultRunOptions,
  { schedule, calmMs }: { readonly schedule: readonly PlannedFault[]; readonly calmMs: number },
  target: FaultStack,
  stores: StoreReader,
): Promise<FaultRun> {
  const { seed, lengthMs, report, signal } = options;
  const { stack } = target;
  const random = createSeededRandom(seed);
  const history = createHistory();
  const redisLosses: RedisLoss[] = [];
  const publish = (document: unknown) =>
    publishTicketEvent({ url: stack.internalUrl('public-api'), token: localSecrets.adminToken }, document);
  const name = seed.toLowerCase().replaceAll(/[^a-z0-9]+/g, '');
  let calm: SeatedSetup | undefined;
  let unloadedCommitMs: number[] = [];
  if (options.unloadedCommits > 0) {
    report(`Measuring ${options.unloadedCommits} purchases without load`);
    calm = await publishOpenSale(publish, `calm-${name}`, options.unloadedCommits);
    unloadedCommitMs = await measureCommits({
      ...{ url: stack.url, paymentProviderUrl: stack.paymentProviderUrl },
      ...{ history, signal, offer: offerOf(calm), count: options.unloadedCommits },
      random: random.fork('unloaded'),
    });
  }
  if (options.payments !== undefined) await setPaymentBehaviour(stack.paymentProviderUrl, options.payments);
  const shape = options.isSteady ? steadySale : smallSales;
  const sales = await publishSales(publish, name, lengthMs, shape);
  const seatedSales = [...sales.seated, ...(calm ? [calm] : [])];

  report(`Load: ${options.buyers} buyers at a time for ${Math.round(lengthMs / 1000)} s`);
  await sales.opening();
  const startMs = monotonicNowMs();
  const load = startLoad({
    ...{ url: stack.url, paymentProviderUrl: stack.paymentProviderUrl },
    ...{ history, random: random.fork('load'), buyers: options.buyers },
    mix: options.mix ?? usualMix,
    offer: () => sales.offerAt(monotonicNowMs() - startMs),
    crowdEventId: sales.crowd.eventId,
  });
  const harm: Record<string, number> = {};
  let others = 0;
  const faults: { name: string; fromMs: number; undoneMs: number }[] = [];
  let endMs: number;
  try {
    for (const planned of schedule) {
      // A fault that took longer than planned moves the others; the run ends when it was to end.
      if (monotonicNowMs() > startMs + lengthMs) break;
      await delay(
        Math.max(0, startMs + planned.atMs - monotonicNowMs()),
        undefined,
        signal ? { signal } : {},
      );
      const fromMs = monotonicNowMs();
      report(
        `${String(Math.round((fromMs - startMs) / 100) / 10).padStart(6)} s  ${planned.name} for ${planned.durationMs} ms`,
      );
      const scene = {
        ...{ target, stores },
        saleId: () => `${sales.offerAt(monotonicNowMs() - startMs).eventId}.0`,
        publishAnother: () => publishOpenSale(publish, `other-${name}-${others++}`, 24),
        onRedisLoss: (loss: RedisLoss) => redisLosses.push(loss),
        note: (what: string, count = 1) => {
          const name = `${planned.name}: ${what}`;
          harm[name] = (harm[name] ?? 0) + count;
        },
      };
      await faultKinds[planned.name](scene, planned.durationMs, random.fork(`fault ${planned.atMs}`));
      faults.push({ name: planned.name, fromMs, undoneMs: monotonicNowMs() });
    }
    await delay(Math.max(0, startMs + lengthMs - monotonicNowMs()), undefined, { signal });
  } finally {
    endMs = monotonicNowMs();
    await load.stop();
  }

  report('Waiting until it is quiet');
  const restingFromMs = monotonicNowMs();
  const unsettled = await awaitQuiet(stores, seatedSales, options.quietWithinMs, signal);
  const quietMs = unsettled.length === 0 ? monotonicNowMs() - restingFromMs : undefined;
  const records = await stores.readRecords();
  const read = (): Promise<SeatedSale[]> => Promise.all(seatedSales.map((sale) => stores.readSale(sale)));
  const seated = await read();
  let unrestored: string[] = [];
  let restoredSales: SeatedSale[] = [];
  if (unsettled.length === 0) {
    report('Emptying Redis once more, to compare what is restored');
    await stores.emptyRedis();
    unrestored = await awaitQuiet(stores, seatedSales, options.quietWithinMs, signal);
    restoredSales = await read();
  }
  const stockSales = [sales.crowd];
  const world = {
    ...records,
    ...{ unsettled: [...unsettled, ...unrestored], redisLosses, restoredSales, stockSales },
    ...{ quietAtMs: monotonicNowMs(), sales: seated, tamperedSeats: new Set<string>() },
  };
  const violations = [
    ...target.crashes.map((message): Violation => ({ invariant: 0, message })),
    ...checkHistory(history.exchanges, world),
  ];
  const recoveries = recoveriesOf(history.exchanges, faults, { startMs, endMs, calmMs });
  const tickets = records.tickets.length;
  const died = new Set((await target.crashPoints.died()).map(({ point }) => point));
  const points = { seen: await target.crashPoints.seen(), died: [...died] };
  return {
    ...{
      schedule,
      violations,
      exchanges: history.exchanges,
      recoveries,
      unloadedCommitMs,
      quietMs,
      tickets,
      harm,
      points,
    },
  };
}

/** Resolves with what is still not settled: nothing, unless it took too long. */
async function awaitQuiet(
  stores: StoreReader,
  sales: readonly SeatedSetup[],
  withinMs: number,
  signal: AbortSignal,
): Promise<string[]> {
  const deadline = monotonicNowMs() + withinMs;
  for (;;) {
    let unsettled: string[];
    try {
      unsettled = await stores.readUnsettled(sales);
    } catch (error) {
      unsettled = [`a store cannot be read: ${String(error)}`];
    }
    if (unsettled.length === 0 || monotonicNowMs() > deadline) return unsettled;
    await delay(250, undefined, { signal });
  }
}
