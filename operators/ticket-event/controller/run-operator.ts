import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Lever, LeverMemory } from '../levers/lever.ts';
import type { DataLever, LearnedTimes } from '../plan/sale-demand.ts';
import type { ClusterClient } from './cluster-client.ts';
import {
  keptDeployment,
  keptHpa,
  keptScaledObject,
  keptTicketEvent,
  scaledTargets,
} from './cluster-objects.ts';
import { createClusterWriter, createLeaseStore } from './cluster-writer.ts';
import { createFleetView } from './fleet-view.ts';
import { type LeaseElection, startLeaseElection } from './lease-election.ts';
import { createOperator, type Operator } from './operator.ts';
import { createOperatorMetrics } from './operator-metrics.ts';
import type { Publisher } from './publication.ts';
import type { AccountPreflight } from './sale-preflight.ts';
import { watchResource } from './resource-watch.ts';

export interface RunOperatorOptions {
  readonly client: ClusterClient;
  readonly identity: string;
  /** Where the Lease and the memory are. */
  readonly namespace: string;
  readonly region: string;
  readonly publish: Publisher | undefined;
  readonly levers: (memory: LeverMemory) => Partial<Record<DataLever, Lever>>;
  readonly accountPreflight?: AccountPreflight | undefined;
  readonly registry: Registry;
  readonly logger: Logger;
  readonly relistMs?: number;
  readonly stuckAfterMs?: number;
  readonly lease?: { readonly leaseMs: number; readonly renewDeadlineMs: number; readonly retryMs: number };
  readonly nowMs?: () => number;
}

/** A running replica. */
export interface RunningOperator {
  isLeader(): boolean;
  /** Its caches are filled. */
  readonly ready: Promise<void>;
  /** Ends reconciles under way, then gives the lease back. */
  stop(): Promise<void>;
}

/** Starts one replica: caches always, reconciling while it leads. */
export function runOperator(options: RunOperatorOptions): RunningOperator {
  const { client, identity, namespace, region, registry, logger, relistMs = 300_000 } = options;
  const metrics = createOperatorMetrics(registry);
  let operator: Operator | undefined;
  let election: LeaseElection | undefined;
  let stopping = false;
  const isLeader = () => election?.isLeader() ?? false;
  const onChange = () => operator?.changed();
  const onError = (error: unknown) => logger.warn({ event: 'watch_failed', err: error });
  const shared = { client, relistMs, onChange, onError };
  const ticketEvents = watchResource({
    ...shared,
    path: '/apis/onsale.dev/v1alpha1/ticketevents',
    keep: keptTicketEvent,
  });
  const hpas = watchResource({
    ...shared,
    path: '/apis/autoscaling/v2/horizontalpodautoscalers',
    keep: keptHpa,
  });
  const scaledObjects = watchResource({
    ...shared,
    path: '/apis/keda.sh/v1alpha1/scaledobjects',
    keep: keptScaledObject,
    optional: true,
  });
  const deployments = watchResource({ ...shared, path: '/apis/apps/v1/deployments', keep: keptDeployment });
  const watches = [ticketEvents, hpas, scaledObjects, deployments];

  const writer = createClusterWriter(client, identity, isLeader);
  let memoryData: Record<string, string> = {};
  const save = () => writer.saveMemory(namespace, memoryData);
  const memoryKey = (key: string) => key.replace(/[^A-Za-z0-9._-]/g, '_').slice(-253);
  const memory: LeverMemory = {
    get: (key) => memoryData[memoryKey(key)],
    async set(key, value) {
      const name = memoryKey(key);
      if (memoryData[name] === value) return;
      const { [name]: _old, ...others } = memoryData;
      memoryData = value === undefined ? others : { ...others, [name]: value };
      await save();
    },
  };
  const learned = {
    value: { podStartMs: 0, registrationMs: 0 } as LearnedTimes,
    async learn(times: LearnedTimes) {
      learned.value = times;
      memoryData = { ...memoryData, learned: JSON.stringify(times) };
      await save();
    },
  };

  const view = createFleetView({
    region,
    nowMs: options.nowMs ?? Date.now,
    ticketEvents: () => ticketEvents.list(),
    targets: () => scaledTargets(hpas.list(), scaledObjects.list(), (ns, name) => deployments.get(name, ns)),
    learned: () => learned.value,
  });

  const ready = (async () => {
    await Promise.all(watches.map((watch) => watch.synced));
    election = startLeaseElection({
      identity,
      store: createLeaseStore(client, namespace, 'ticket-event-operator'),
      ...options.lease,
      onGained() {
        metrics.leader.set(1);
        logger.info({ event: 'leadership_gained', identity });
        void begin();
      },
      onLost() {
        metrics.leader.set(0);
        logger[stopping ? 'info' : 'warn']({ event: 'leadership_lost', identity });
        void end();
      },
      onError: (error) => logger.warn({ event: 'lease_failed', err: error }),
    });
  })();

  let term = 0;
  async function begin(): Promise<void> {
    const mine = ++term;
    while (mine === term) {
      try {
        memoryData = await writer.readMemory(namespace);
        if (memoryData['learned']) learned.value = JSON.parse(memoryData['learned']) as LearnedTimes;
        break;
      } catch (error) {
        logger.warn({ event: 'memory_unreadable', err: error });
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
    if (mine !== term || !isLeader()) return;
    operator = createOperator({
      view,
      writer,
      isLeader,
      publish: options.publish,
      levers: options.levers(memory),
      accountPreflight: options.accountPreflight,
      learned,
      metrics,
      logger,
      ...(options.stuckAfterMs ? { stuckAfterMs: options.stuckAfterMs } : {}),
    });
    operator.changed();
  }

  async function end(): Promise<void> {
    term += 1;
    const before = operator;
    operator = undefined;
    await before?.stop();
  }

  return {
    isLeader,
    ready,
    async stop() {
      stopping = true;
      await end();
      await election?.stop();
      await Promise.all(watches.map((watch) => watch.stop()));
      client.close();
    },
  };
}
