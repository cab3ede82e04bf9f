import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { Lever } from '../levers/lever.ts';
import { decideOpening } from '../plan/decide-opening.ts';
import type { SalePlan } from '../plan/plan-fleet.ts';
import type { DataLever, TargetKey } from '../plan/sale-demand.ts';
import type { TicketEventResource } from '../plan/ticket-event-resource.ts';
import { announceTransitions } from './announce-transitions.ts';
import { type ClusterWriter, finalizer, statusOf } from './cluster-writer.ts';
import type { FleetView } from './fleet-view.ts';
import { createLeverStates } from './lever-states.ts';
import type { OperatorMetrics } from './operator-metrics.ts';
import { createPodChecks, type Learned } from './pod-checks.ts';
import type { Publisher } from './publication.ts';
import { type AccountPreflight, salePreflight } from './sale-preflight.ts';
import { createSalePublisher } from './sale-publisher.ts';
import { capacityMissing, invalidStatus, saleStatus } from './sale-status.ts';
import { createWorkQueue } from './work-queue.ts';

export interface OperatorOptions {
  readonly view: () => FleetView;
  readonly writer: ClusterWriter;
  readonly isLeader: () => boolean;
  /** Undefined: a person publishes by hand. */
  readonly publish: Publisher | undefined;
  readonly levers: Partial<Record<DataLever, Lever>>;
  readonly accountPreflight: AccountPreflight | undefined;
  readonly learned: Learned;
  readonly metrics: OperatorMetrics;
  readonly logger: Logger;
  readonly stuckAfterMs?: number;
}

/** How often levers are asked, the account is checked and the services are told. */
const leverCheckMs = 30_000;
const preflightMs = 600_000;
const republishMs = 300_000;
/** Services that cannot be reached are told again after this. */
const unreachableMs = 5000;

/** The reconcilers around one queue. */
export interface Operator {
  /** Something in the caches changed, or leadership was gained. */
  changed(): void;
  stop(): Promise<void>;
}

/** Its floors are up for the opening or the first hours after it; those of a windowed sale always are. */
const inLeadUp = (plan: SalePlan, nowMs: number) =>
  plan.role === 'active' && plan.share > 0 && nowMs < plan.timeline.drainStartsAtMs;
/** The sales for which pods of this target are warm or warming. */
const warmingSales = (target: TargetKey, now: FleetView): string[] =>
  (now.plan.targets.get(target)?.contributors ?? []).flatMap(({ sale }) => {
    const plan = now.plan.sales.get(sale);
    return plan && inLeadUp(plan, now.nowMs) ? sale : [];
  });
const inPreflight = ({ role, timeline }: SalePlan, nowMs: number) =>
  role === 'active' && nowMs >= timeline.preflightAtMs && nowMs < timeline.opensAtMs;

/**
 * Plans the whole fleet whenever something changed or the clock passes a transition, and queues the sales and targets
 * that are not as the plan says. Reconciling a key looks again, so a key may be queued too often but never wrongly. What
 * may take long (all pods, AWS) has keys of its own: a sale's status never waits for it.
 */
export function createOperator(options: OperatorOptions): Operator {
  const { view, writer, isLeader, levers, metrics, logger, stuckAfterMs = 300_000 } = options;
  // Often enough to notice a pod that does not start soon after it should have.
  const podCheckMs = Math.min(20_000, stuckAfterMs / 2);
  const signatures = new Map<string, string>();
  const publisher = createSalePublisher(options.publish, republishMs);
  const leverStates = createLeverStates(levers);
  const podChecks = createPodChecks({
    writer,
    learned: options.learned,
    stuckAfterMs,
    onReplaced: () => metrics.replacedPods.inc(),
  });
  const preflights = new Map<string, readonly string[]>();
  let announced = Promise.resolve();
  let latest: FleetView | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let pending: NodeJS.Timeout | undefined;
  let transition: NodeJS.Timeout | undefined;
  let stopped = false;

  const reconcilers: Readonly<Record<string, (name: string) => Promise<number | undefined>>> = {
    sale: reconcileSale,
    target: reconcileTarget,
    lever: reconcileLever,
    pods: reconcilePods,
    preflight: reconcilePreflight,
  };
  const queue = createWorkQueue({
    // Twice as many made each reconcile wait twice as long in the API server, and ended no sooner.
    concurrency: 4,
    async process(key) {
      metrics.queueDepth.set(queue.depth);
      if (!isLeader()) return undefined;
      const [kind = '', ...rest] = key.split(' ');
      const endTimer = metrics.reconcileSeconds.startTimer({ kind });
      try {
        const after = await reconcilers[kind]!(rest.join(' '));
        endTimer({ outcome: 'ok' });
        return after;
      } catch (error) {
        endTimer({ outcome: 'error' });
        throw error;
      }
    },
    onError(key, error, failures) {
      // Conflicts and objects that went away are part of the day; the backoff asks again.
      const expected = [404, 409].includes(statusOf(error) ?? 0) || !isLeader();
      logger[expected ? 'debug' : 'warn']({ event: 'reconcile_failed', key, failures, err: error });
    },
  });

  /** Looks, plans, and queues whatever changed since the last look. */
  function refresh(): void {
    if (stopped) return;
    clearTimeout(transition);
    const now = lookAgain();
    if (!isLeader()) return;
    const seen = new Set<string>();
    const queueWhen = (key: string, signature: string) => {
      seen.add(key);
      if (signatures.get(key) === signature) return;
      signatures.set(key, signature);
      queue.add(key);
    };
    for (const [key, target] of now.targets) {
      const floor = now.plan.targets.get(key)!;
      metrics.floorPods.set({ target: key }, floor.effectiveFloor);
      metrics.shortfallPods.set({ target: key }, floor.shortfall);
      if (!target.adopted || target.liveMin !== floor.effectiveFloor) queue.add(`target ${key}`);
    }
    for (const [key, resource] of now.resources) {
      const plan = now.plan.sales.get(key);
      const floors = now.sales.get(key)?.targets.map(({ target }) => {
        const live = now.targets.get(target);
        const floor = now.plan.targets.get(target);
        return [floor, live?.readyPods, live?.liveMin];
      });
      const phaseInputs = plan && [plan.role, plan.share, plan.nextTransitionMs, plan.timeline.podsStartAtMs];
      queueWhen(`sale ${key}`, JSON.stringify([resource.metadata.resourceVersion, phaseInputs, floors]));
      if (!plan) continue;
      if (inPreflight(plan, now.nowMs)) queueWhen(`preflight ${key}`, String(resource.metadata.generation));
    }
    for (const target of now.targets.keys()) {
      if (warmingSales(target, now).length > 0) queueWhen(`pods ${target}`, '');
    }
    for (const [key, lever] of now.levers) queueWhen(`lever ${key}`, JSON.stringify(lever.wanted));
    for (const key of signatures.keys()) {
      if (seen.has(key)) continue;
      signatures.delete(key);
      // Its last look, by which whatever is kept of it is forgotten.
      if (key.startsWith('sale ')) queue.add(key);
    }
    const nexts = [...now.plan.sales.values()].flatMap((one) => one.nextTransitionMs ?? []);
    const waitMs = nexts.length > 0 ? Math.min(...nexts) - now.nowMs : Number.POSITIVE_INFINITY;
    // At the latest every 30 s: a clock may be set, and a look costs little.
    transition = setTimeout(refresh, Math.min(Math.max(1, waitMs + 1), 30_000));
  }

  function changed(): void {
    if (stopped || pending) return;
    pending = setTimeout(() => {
      pending = undefined;
      refresh();
    }, 50);
  }

  function lookAgain(): FleetView {
    latest = view();
    lookedAt = performance.now();
    return latest;
  }
  /** Reconciles of one burst share a look; a later one sees the clock and the caches again. */
  const look = (): FleetView => (latest && performance.now() - lookedAt < 100 ? latest : lookAgain());

  async function reconcileTarget(key: string): Promise<undefined> {
    const now = lookAgain();
    const target = now.targets.get(key);
    const floor = now.plan.targets.get(key);
    if (!target || !floor) return;
    if (!target.adopted) {
      // The floor follows once the annotation is seen: a floor over an unrecorded baseline would become the baseline.
      await writer.adopt(target);
      return;
    }
    if (target.liveMin === floor.effectiveFloor) return;
    await writer.applyFloor(target, floor.effectiveFloor);
    metrics.writes.inc({ kind: target.kind });
    logger.info({ event: 'floor_applied', target: key, from: target.liveMin, to: floor.effectiveFloor });
  }

  async function reconcileLever(key: string): Promise<number | undefined> {
    const now = look();
    const { changed: another, busy } = await leverStates.apply(key, now);
    if (another) for (const sale of now.levers.get(key)?.sales ?? []) queue.add(`sale ${sale}`);
    return busy ? leverCheckMs : undefined;
  }

  async function reconcilePods(key: string): Promise<number | undefined> {
    const now = look();
    const target = now.targets.get(key);
    const sales = warmingSales(key, now);
    if (!target || sales.length === 0) {
      podChecks.forget(key);
      return undefined;
    }
    const before = podChecks.replaced(key);
    if ((await podChecks.check(target, now.nowMs)) !== before)
      for (const sale of sales) queue.add(`sale ${sale}`);
    return podCheckMs;
  }

  async function reconcilePreflight(sale: string): Promise<number | undefined> {
    const now = look();
    const plan = now.plan.sales.get(sale);
    if (!plan || !inPreflight(plan, now.nowMs)) {
      preflights.delete(sale);
      return undefined;
    }
    const problems = await salePreflight(sale, now, { account: options.accountPreflight, levers, writer });
    if (!isDeepStrictEqual(preflights.get(sale) ?? [], problems)) {
      preflights.set(sale, problems);
      queue.add(`sale ${sale}`);
    }
    return preflightMs;
  }

  async function reconcileSale(key: string): Promise<number | undefined> {
    const now = look();
    const resource = now.resources.get(key);
    if (!resource) {
      publisher.forget(key);
      for (const gauge of [metrics.leadSeconds, metrics.readyBeforeSeconds, metrics.unpublished]) {
        gauge.remove({ sale: key });
      }
      return undefined;
    }
    if (resource.metadata.deletionTimestamp) return await letGo(resource, now);
    const sale = now.sales.get(key);
    const plan = now.plan.sales.get(key);
    if (!sale || !plan) return await reportInvalid(resource, now.problems.get(key) ?? []);

    const floors = new Map(
      sale.targets.flatMap(({ target }) => {
        const floor = now.plan.targets.get(target);
        const live = now.targets.get(target);
        return floor && live
          ? [[target, { ...floor, readyPods: live.readyPods, liveMin: live.liveMin }] as const]
          : [];
      }),
    );
    const dependencies = leverStates.of(key, now);
    const confirmed = plan.share > 0 && capacityMissing({ sale, plan, floors, dependencies }).length === 0;
    const opening = decideOpening(sale, confirmed, now.nowMs);
    const [published] = await Promise.all([
      publisher.tell(key, resource, plan, opening, now.nowMs),
      resource.metadata.finalizers?.includes(finalizer) ? undefined : writer.setFinalizer(resource, true),
    ]);
    const status = saleStatus({
      resource,
      sale,
      plan,
      nowMs: now.nowMs,
      floors,
      dependencies,
      preflight: inPreflight(plan, now.nowMs) ? (preflights.get(key) ?? []) : [],
      published,
      stuckPods: sale.targets.reduce((sum, { target }) => sum + podChecks.replaced(target), 0),
      opening,
    });
    if (!isDeepStrictEqual(status, resource.status)) {
      await writer.applyStatus(resource, status);
      announce(resource, status);
    }
    metrics.leadSeconds.set({ sale: key }, plan.leadMs / 1000);
    if (status.warming?.readyAt) {
      const aheadMs = plan.timeline.opensAtMs - Date.parse(status.warming.readyAt);
      metrics.readyBeforeSeconds.set({ sale: key }, aheadMs / 1000);
    }
    const late =
      plan.role === 'active' &&
      published.status !== 'True' &&
      now.nowMs >= plan.timeline.roomOpensAtMs &&
      now.nowMs < plan.timeline.closesAtMs;
    metrics.unpublished.set({ sale: key }, late ? 1 : 0);
    if (published.reason === 'Unreachable') return unreachableMs;
    const nextMs = plan.nextTransitionMs ? plan.nextTransitionMs - now.nowMs + 5 : republishMs;
    return Math.max(5, Math.min(nextMs, republishMs));
  }

  async function letGo(resource: TicketEventResource, now: FleetView): Promise<number | undefined> {
    if (!resource.metadata.finalizers?.includes(finalizer)) return undefined;
    for (const [key, target] of now.targets) {
      // The plan already leaves this sale out; its floors must be gone before the sale is.
      if (target.liveMin !== now.plan.targets.get(key)!.effectiveFloor) {
        queue.add(`target ${key}`);
        return 500;
      }
    }
    await leverStates.release(resource, now);
    await writer.setFinalizer(resource, false);
    return undefined;
  }

  async function reportInvalid(
    resource: TicketEventResource,
    problems: readonly string[],
  ): Promise<undefined> {
    const status = invalidStatus(resource, problems);
    if (!status) return;
    await writer.applyStatus(resource, status);
    announce(resource, status);
  }

  /** An Event is a courtesy: nothing waits for one, losing one holds nothing up, and one at a time takes little room. */
  function announce(...transition: [TicketEventResource, NonNullable<TicketEventResource['status']>]): void {
    announced = announced.then(async () => {
      if (stopped) return;
      await announceTransitions(writer, ...transition).catch((error: unknown) => {
        logger.warn({ event: 'event_not_recorded', err: error });
      });
    });
  }

  return {
    changed,
    async stop() {
      stopped = true;
      clearTimeout(pending);
      clearTimeout(transition);
      await queue.stop();
      await announced;
    },
  };
}
