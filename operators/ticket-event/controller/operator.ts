import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { Lever, LeverState } from '../levers/lever.ts';
import { decideOpening } from '../plan/decide-opening.ts';
import { planLevers } from '../plan/plan-levers.ts';
import type { DataLever, LearnedTimes } from '../plan/sale-demand.ts';
import type { TicketEventResource } from '../plan/ticket-event-resource.ts';
import type { ClusterWriter } from './cluster-writer.ts';
import { finalizer, statusOf } from './cluster-writer.ts';
import type { FleetView } from './fleet-view.ts';
import type { OperatorMetrics } from './operator-metrics.ts';
import { podHealth } from './pod-health.ts';
import { publicationOf, type Publisher } from './publication.ts';
import { capacityMissing, type PublishedState, type SaleObservation, saleStatus } from './sale-status.ts';
import { createWorkQueue } from './work-queue.ts';

export interface OperatorOptions {
  readonly view: () => FleetView;
  readonly writer: ClusterWriter;
  readonly isLeader: () => boolean;
  /** Undefined: a person publishes by hand. */
  readonly publish: Publisher | undefined;
  readonly levers: Partial<Record<DataLever, Lever>>;
  /** A day ahead: what the account lacks for these sales' pods. */
  readonly preflight?: ((view: FleetView) => Promise<readonly string[]>) | undefined;
  readonly learned: { value: LearnedTimes; learn(times: LearnedTimes): Promise<void> };
  readonly metrics: OperatorMetrics;
  readonly logger: Logger;
  readonly stuckAfterMs?: number;
  readonly podCheckMs?: number;
  /** How often what is published is told again, so that services that lost it learn it. */
  readonly republishMs?: number;
  readonly leverCheckMs?: number;
}

/** The reconcilers around one queue. */
export interface Operator {
  /** Something in the caches changed, or leadership was gained. */
  changed(): void;
  stop(): Promise<void>;
}

/**
 * Plans the whole fleet whenever something changed or the clock passes a transition, and queues the sales and targets
 * that are not as the plan says. Reconciling a key looks again, so a key may be queued too often but never wrongly.
 */
export function createOperator(options: OperatorOptions): Operator {
  const { view, writer, isLeader, publish, levers, metrics, logger, learned } = options;
  const {
    stuckAfterMs = 300_000,
    podCheckMs = 20_000,
    republishMs = 300_000,
    leverCheckMs = 30_000,
  } = options;
  const signatures = new Map<string, string>();
  const told = new Map<string, { hash: string; atMs: number; state: PublishedState }>();
  const leverStates = new Map<string, { state: LeverState; atMs: number }>();
  const podChecks = new Map<string, { atMs: number; stuck: number }>();
  let preflight: { atMs: number; problems: readonly string[] } | undefined;
  let latest: FleetView | undefined;
  let pending: NodeJS.Timeout | undefined;
  let transition: NodeJS.Timeout | undefined;
  let stopped = false;

  const queue = createWorkQueue({
    concurrency: 8,
    async process(key) {
      metrics.queueDepth.set(queue.depth);
      if (!isLeader()) return undefined;
      const [kind = '', ...rest] = key.split(' ');
      const endTimer = metrics.reconcileSeconds.startTimer({ kind });
      try {
        const after =
          kind === 'sale'
            ? await reconcileSale(rest.join(' '))
            : kind === 'target'
              ? await reconcileTarget(rest.join(' '))
              : await reconcileLever(rest.join(' '));
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
    const now = view();
    latest = now;
    if (!isLeader()) return;
    const queueWhen = (key: string, signature: string) => {
      if (signatures.get(key) === signature) return;
      signatures.set(key, signature);
      queue.add(key);
    };
    const seen = new Set<string>();
    for (const [key, target] of now.targets) {
      const floor = now.plan.targets.get(key)!;
      seen.add(`target ${key}`);
      metrics.floorPods.set({ target: key }, floor.effectiveFloor);
      metrics.shortfallPods.set({ target: key }, floor.shortfall);
      if (!target.adopted || target.liveMin !== floor.effectiveFloor) queue.add(`target ${key}`);
    }
    for (const [key, resource] of now.resources) {
      const plan = now.plan.sales.get(key);
      const sale = now.sales.get(key);
      seen.add(`sale ${key}`);
      const floors = sale?.targets.map(({ target }) => {
        const live = now.targets.get(target);
        const floor = now.plan.targets.get(target);
        return [floor, live?.readyPods, live?.liveMin];
      });
      const phaseInputs = plan && [plan.role, plan.share, plan.nextTransitionMs, plan.timeline.podsStartAtMs];
      queueWhen(`sale ${key}`, JSON.stringify([resource.metadata.resourceVersion, phaseInputs, floors]));
    }
    for (const [key, lever] of leversOf(now)) {
      seen.add(`lever ${key}`);
      queueWhen(`lever ${key}`, JSON.stringify(lever.wanted));
    }
    for (const key of signatures.keys()) if (!seen.has(key)) signatures.delete(key);
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

  const look = (): FleetView => {
    // Reconciles of one burst share a look; a later one sees the clock and the caches again.
    if (!latest || Math.abs(performance.now() - lookedAt) > 100) {
      latest = view();
      lookedAt = performance.now();
    }
    return latest;
  };
  let lookedAt = Number.NEGATIVE_INFINITY;

  const leversOf = (now: FleetView) =>
    planLevers(
      [...now.resources].flatMap(([key, { spec }]) => {
        const plan = now.plan.sales.get(key);
        return plan ? [{ key, spec, plan }] : [];
      }),
      now.nowMs,
    );

  async function reconcileTarget(key: string): Promise<number | undefined> {
    const now = view();
    const target = now.targets.get(key);
    const floor = now.plan.targets.get(key);
    if (!target || !floor) return undefined;
    if (!target.adopted) {
      await writer.adopt(target);
      // The floor follows once the annotation is seen: a floor over an unrecorded baseline would become the baseline.
      return undefined;
    }
    if (target.liveMin === floor.effectiveFloor) return undefined;
    await writer.applyFloor(target, floor.effectiveFloor);
    metrics.writes.inc({ kind: target.kind });
    logger.info({ event: 'floor_applied', target: key, from: target.liveMin, to: floor.effectiveFloor });
    return undefined;
  }

  async function reconcileLever(key: string): Promise<number | undefined> {
    const now = look();
    const plan = leversOf(now).get(key);
    const lever = plan && levers[plan.lever];
    if (!plan || !lever) return undefined;
    let state: LeverState;
    try {
      state = await lever.apply(plan.id, plan.wanted);
    } catch (error) {
      state = { state: 'failed', message: (error as Error).message };
    }
    const before = leverStates.get(key)?.state;
    leverStates.set(key, { state, atMs: now.nowMs });
    if (!isDeepStrictEqual(before, state)) for (const sale of plan.sales) queue.add(`sale ${sale}`);
    return plan.wanted || state.state !== 'idle' ? leverCheckMs : undefined;
  }

  async function reconcileSale(key: string): Promise<number | undefined> {
    const now = look();
    const resource = now.resources.get(key);
    if (!resource) {
      told.delete(key);
      metrics.leadSeconds.remove({ sale: key });
      metrics.readyBeforeSeconds.remove({ sale: key });
      metrics.unpublished.remove({ sale: key });
      return undefined;
    }
    if (resource.metadata.deletionTimestamp) return await letGo(resource, now);
    const sale = now.sales.get(key);
    const plan = now.plan.sales.get(key);
    if (!sale || !plan) return await reportInvalid(resource, now.problems.get(key) ?? []);
    if (!resource.metadata.finalizers?.includes(finalizer)) await writer.setFinalizer(resource, true);

    const floors = new Map(
      [...now.plan.targets].flatMap(([target, floor]) => {
        const live = now.targets.get(target)!;
        return sale.targets.some((one) => one.target === target)
          ? [[target, { ...floor, readyPods: live.readyPods, liveMin: live.liveMin }] as const]
          : [];
      }),
    );
    const dependencies = dependenciesOf(resource, now, key);
    const warming = plan.share > 0;
    const missing = capacityMissing({ sale, plan, floors, dependencies });
    const opening = decideOpening(sale, warming && missing.length === 0, now.nowMs);
    const published = await publishSale(resource, key, now, opening);
    const inLeadUp = plan.role === 'active' && warming && now.nowMs < plan.timeline.drainStartsAtMs;
    const stuckPods = inLeadUp && sale.opening.kind === 'once' ? await checkPods(key, now) : 0;
    const dayAhead =
      plan.role === 'active' &&
      now.nowMs >= plan.timeline.preflightAtMs &&
      now.nowMs < plan.timeline.opensAtMs;

    const observation: SaleObservation = {
      resource,
      sale,
      plan,
      nowMs: now.nowMs,
      floors,
      dependencies,
      preflight: dayAhead && sale.opening.kind === 'once' ? await preflightProblems(now) : [],
      published,
      stuckPods,
      opening,
    };
    const status = saleStatus(observation);
    if (!isDeepStrictEqual(status, resource.status)) {
      await writer.applyStatus(resource, status);
      await announce(resource, status);
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
    if (published.reason === 'Unreachable') return 5000;
    const waits = [republishMs];
    if (inLeadUp) waits.push(podCheckMs);
    if (plan.nextTransitionMs) waits.push(plan.nextTransitionMs - now.nowMs + 5);
    return Math.max(5, Math.min(...waits));
  }

  function dependenciesOf(
    resource: TicketEventResource,
    now: FleetView,
    key: string,
  ): Map<string, LeverState> {
    const states = new Map<string, LeverState>();
    for (const [leverKey, plan] of leversOf(now)) {
      if (!plan.sales.includes(key)) continue;
      const unconfigured: LeverState = { state: 'manual', message: 'This operator has no access to AWS' };
      const unseen: LeverState = { state: 'idle', message: 'Not looked at yet' };
      states.set(
        plan.lever,
        levers[plan.lever] ? (leverStates.get(leverKey)?.state ?? unseen) : unconfigured,
      );
    }
    return states;
  }

  async function publishSale(
    resource: TicketEventResource,
    key: string,
    now: FleetView,
    opening: { readonly opensAtMs: number } | undefined,
  ): Promise<PublishedState> {
    const plan = now.plan.sales.get(key)!;
    const was = { generation: resource.status?.publishedGeneration, hash: resource.status?.publishedHash };
    if (plan.role === 'elsewhere') {
      return {
        status: 'False',
        reason: 'NotHome',
        message: `Publishes in ${resource.spec.homeRegion}`,
        ...was,
      };
    }
    if (plan.role === 'dry-run') {
      return { status: 'False', reason: 'DryRun', message: 'A dry run is not published', ...was };
    }
    if (!publish) {
      return { status: 'Unknown', reason: 'ByHand', message: 'This operator has no admin address', ...was };
    }
    const { document, hash } = publicationOf(
      resource,
      opening && {
        opensAtMs: opening.opensAtMs,
        plannedAtMs: plan.timeline.plannedOpensAtMs,
        roomOpensAtMs: plan.timeline.roomOpensAtMs,
      },
    );
    const last = told.get(key);
    if (last?.hash === hash && last.state.status === 'True' && now.nowMs - last.atMs < republishMs) {
      return { ...last.state, generation: resource.metadata.generation };
    }
    const answer = await publish(document);
    const generation = resource.metadata.generation;
    const state: PublishedState =
      answer.outcome === 'published'
        ? {
            status: 'True',
            reason: 'Published',
            message: 'The services sell by this generation',
            generation,
            hash,
          }
        : {
            status: 'False',
            reason: answer.outcome === 'refused' ? 'Refused' : 'Unreachable',
            message: answer.message,
            ...was,
          };
    told.set(key, { hash, atMs: now.nowMs, state });
    return state;
  }

  /** Replaces pods that do not start, a tenth of the floor at a time, and learns from those that did. */
  async function checkPods(key: string, now: FleetView): Promise<number> {
    const before = podChecks.get(key);
    if (before && now.nowMs - before.atMs < podCheckMs) return before.stuck;
    let stuck = 0;
    for (const { target } of now.sales.get(key)?.targets ?? []) {
      const scaled = now.targets.get(target);
      if (!scaled) continue;
      const health = podHealth(await writer.pods(scaled), now.nowMs, stuckAfterMs);
      const most = Math.max(1, Math.ceil(scaled.liveMin / 10));
      for (const pod of health.stuck.slice(0, most)) {
        await writer.deletePod(pod);
        metrics.replacedPods.inc();
        stuck += 1;
      }
      const times: LearnedTimes = {
        podStartMs: Math.max(learned.value.podStartMs, health.startP95Ms ?? 0),
        registrationMs: Math.max(learned.value.registrationMs, health.registrationP95Ms ?? 0),
      };
      if (!isDeepStrictEqual(times, learned.value)) await learned.learn(times);
    }
    podChecks.set(key, { atMs: now.nowMs, stuck });
    return stuck;
  }

  async function preflightProblems(now: FleetView): Promise<readonly string[]> {
    if (!options.preflight) return [];
    if (!preflight || now.nowMs - preflight.atMs > 600_000) {
      preflight = { atMs: now.nowMs, problems: await options.preflight(now) };
    }
    return preflight.problems;
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
    const remaining = leversOf(now);
    const { alb, aurora } = resource.spec.dependencies ?? {};
    const named: [DataLever, string | undefined][] = [
      ['alb', alb?.arn],
      ['aurora', aurora?.clusterId],
    ];
    for (const [lever, id] of named) {
      if (id && !remaining.get(`${lever}/${id}`)?.wanted) await levers[lever]?.apply(id, undefined);
    }
    await writer.setFinalizer(resource, false);
    return undefined;
  }

  async function reportInvalid(
    resource: TicketEventResource,
    problems: readonly string[],
  ): Promise<undefined> {
    const generation = resource.metadata.generation ?? 0;
    const before = resource.status?.conditions?.find((one) => one.type === 'Degraded');
    const message = problems.join('; ').slice(0, 2000);
    if (
      before?.reason === 'Invalid' &&
      before.message === message &&
      before.observedGeneration === generation
    )
      return;
    const lastTransitionTime = new Date().toISOString();
    const one = { reason: 'Invalid', message, observedGeneration: generation, lastTransitionTime };
    await writer.applyStatus(resource, {
      ...resource.status,
      observedGeneration: generation,
      conditions: [
        { type: 'Degraded', status: 'True', ...one },
        { type: 'Ready', status: 'False', ...one },
      ],
    });
    await writer.recordEvent(resource, 'Warning', 'Invalid', message);
  }

  async function announce(resource: TicketEventResource, status: NonNullable<TicketEventResource['status']>) {
    const before = resource.status;
    // An Event is a courtesy: losing one must not hold up the floors.
    const record: typeof writer.recordEvent = (...event) =>
      writer.recordEvent(...event).catch((error: unknown) => {
        logger.warn({ event: 'event_not_recorded', err: error });
      });
    if (before?.phase !== status.phase) {
      await record(resource, 'Normal', status.phase!, `${before?.phase ?? 'New'} becomes ${status.phase}`);
    }
    for (const type of ['Published', 'Degraded'] as const) {
      const now = status.conditions?.find((one) => one.type === type);
      const old = before?.conditions?.find((one) => one.type === type);
      if (!now || now.status === old?.status) continue;
      const bad =
        type === 'Degraded' ? now.status === 'True' : now.status === 'False' && now.reason !== 'DryRun';
      if (bad || old) await record(resource, bad ? 'Warning' : 'Normal', now.reason, now.message);
    }
  }

  return {
    changed,
    async stop() {
      stopped = true;
      clearTimeout(pending);
      clearTimeout(transition);
      await queue.stop();
    },
  };
}
