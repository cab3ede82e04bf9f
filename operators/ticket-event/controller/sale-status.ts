import {
  type Condition,
  type ConditionType,
  type TicketEventStatus,
} from '@onsale/contracts/ticket-event/ticket-event-status';
import type { LeverState } from '../levers/lever.ts';
import { phaseOf } from '../plan/phase.ts';
import type { SalePlan } from '../plan/plan-fleet.ts';
import type { TargetFloor } from '../plan/pods-asked.ts';
import type { SaleDemand, TargetKey } from '../plan/sale-demand.ts';
import type { TicketEventResource } from '../plan/ticket-event-resource.ts';

/** How publishing stands. */
export interface PublishedState {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly generation?: number | undefined;
  readonly hash?: string | undefined;
}

/** Everything a status says, observed. */
export interface SaleObservation {
  readonly resource: TicketEventResource;
  readonly sale: SaleDemand;
  readonly plan: SalePlan;
  readonly nowMs: number;
  readonly floors: ReadonlyMap<
    TargetKey,
    TargetFloor & { readonly readyPods: number; readonly liveMin: number }
  >;
  readonly dependencies: ReadonlyMap<string, LeverState>;
  readonly preflight: readonly string[];
  readonly published: PublishedState;
  readonly stuckPods: number;
  readonly opening: { readonly opensAtMs: number; readonly decided: boolean } | undefined;
}

const iso = (ms: number) => new Date(ms).toISOString();
const withoutNamespace = (key: TargetKey) => key.slice(key.indexOf('/') + 1);

/** True when every pod and dependency this sale asked for is there: its targets reach their floors with no shortfall. */
export function capacityMissing(
  seen: Pick<SaleObservation, 'sale' | 'plan' | 'floors' | 'dependencies'>,
): string[] {
  const missing: string[] = [];
  for (const { target } of seen.sale.targets) {
    const floor = seen.floors.get(target);
    if (!floor) missing.push(`${withoutNamespace(target)} does not exist`);
    else if (floor.shortfall > 0)
      missing.push(`${withoutNamespace(target)} is short of ${floor.shortfall} pods`);
    else if (floor.readyPods < floor.effectiveFloor) {
      missing.push(`${withoutNamespace(target)} has ${floor.readyPods} of ${floor.effectiveFloor} pods`);
    }
  }
  for (const [name, { state, message }] of seen.dependencies) {
    if (state !== 'ready') missing.push(`${name}: ${message}`);
  }
  return missing;
}

/** The status to write; conditions keep their transition time while their status stays. */
export function saleStatus(seen: SaleObservation): TicketEventStatus {
  const { resource, sale, plan, nowMs } = seen;
  const { timeline } = plan;
  const old = resource.status;
  const generation = resource.metadata.generation ?? 0;
  const warming = plan.share > 0;
  const missing = capacityMissing(seen);
  const confirmed = warming && missing.length === 0;
  const once = sale.opening.kind === 'once';
  const phase = phaseOf(sale, plan, nowMs, confirmed);
  const inert = plan.role !== 'active';
  const inertReason = plan.role === 'elsewhere' ? 'NotHome' : 'DryRun';

  const createdAtMs = resource.metadata.creationTimestamp
    ? new Date(resource.metadata.creationTimestamp).getTime()
    : nowMs;
  const lateMs = once ? createdAtMs - timeline.podsStartAtMs : 0;
  const short = [...seen.floors].filter(([, floor]) => floor.shortfall > 0 && warming);
  const absent = sale.targets.filter(({ target }) => !seen.floors.has(target));
  const failed = [...seen.dependencies].filter(([, one]) => one.state === 'failed' || one.state === 'manual');

  const conditions: Condition[] = [];
  const condition = (
    type: ConditionType,
    status: Condition['status'],
    reason: string,
    message: string,
  ): Condition['status'] => {
    const before = old?.conditions?.find((one) => one.type === type);
    conditions.push({
      type,
      status,
      reason,
      message: message.slice(0, 2000),
      observedGeneration: generation,
      lastTransitionTime: before?.status === status ? before.lastTransitionTime : iso(nowMs),
    });
    return status;
  };

  const published = condition(
    'Published',
    seen.published.status,
    seen.published.reason,
    seen.published.message,
  );
  if (confirmed)
    condition('CapacityConfirmed', 'True', 'Confirmed', 'Every pod and dependency asked for is there');
  else if (!warming)
    condition('CapacityConfirmed', 'False', 'NotYet', 'No capacity is asked for at this time');
  else {
    condition(
      'CapacityConfirmed',
      'False',
      short.length > 0
        ? 'Shortfall'
        : missing.some((one) => one.includes('pods'))
          ? 'PodsMissing'
          : 'DependencyMissing',
      missing.join('; '),
    );
  }
  if (inert) condition('Progressing', 'False', inertReason, 'This operator moves nothing for it');
  else if (sale.suspend)
    condition('Progressing', 'False', 'Suspended', 'Floors and admission stay where they are');
  else if (warming && lateMs > 0 && once && nowMs < timeline.closesAtMs) {
    condition(
      'Progressing',
      'True',
      'Late',
      `Created ${Math.round(lateMs / 1000)} s inside its lead: warmed at once`,
    );
  } else if (warming || phase === 'WarmingData') {
    condition('Progressing', 'True', 'OnSchedule', `Share of the floors: ${Math.round(plan.share * 100)} %`);
  } else condition('Progressing', 'False', 'Idle', 'Nothing is due');

  const degraded =
    absent.length > 0
      ? condition(
          'Degraded',
          'True',
          'TargetMissing',
          absent.map((one) => withoutNamespace(one.target)).join(', '),
        )
      : short.length > 0
        ? condition(
            'Degraded',
            'True',
            'Shortfall',
            short.map(([key, floor]) => `${withoutNamespace(key)}: ${floor.shortfall} pods`).join('; '),
          )
        : failed.length > 0
          ? condition(
              'Degraded',
              'True',
              'DependencyFailed',
              failed.map(([name, one]) => `${name}: ${one.message}`).join('; '),
            )
          : seen.preflight.length > 0
            ? condition('Degraded', 'True', 'PreflightFailed', seen.preflight.join('; '))
            : seen.stuckPods > 0
              ? condition(
                  'Degraded',
                  'True',
                  'PodsStuck',
                  `${seen.stuckPods} pods did not start and were replaced`,
                )
              : condition('Degraded', 'False', 'AsExpected', 'Everything asked for can be had');
  if (inert) condition('Ready', 'False', inertReason, 'This operator moves nothing for it');
  else if (published !== 'True') condition('Ready', 'False', 'NotPublished', seen.published.message);
  else if (degraded === 'True') condition('Ready', 'False', 'Degraded', 'See the condition Degraded');
  else condition('Ready', 'True', 'Ready', 'Published and on schedule');

  const startedAt =
    old?.warming && Date.parse(old.warming.opensAt) === timeline.plannedOpensAtMs ? old.warming : undefined;
  const begun = warming && once && !inert;
  const targets = sale.targets.flatMap(({ target }) => {
    const floor = seen.floors.get(target);
    if (!floor) return [];
    return {
      ref: withoutNamespace(target),
      baseline: floor.baseline,
      demandFloor: floor.demandFloor,
      effectiveFloor: floor.effectiveFloor,
      contributors: floor.contributors.slice(0, 32).map((one) => ({ ...one })),
      ready: floor.readyPods,
      shortfall: floor.shortfall,
    };
  });
  return {
    observedGeneration: generation,
    phase,
    ...(once ? { opensAt: iso(timeline.opensAtMs) } : {}),
    ...(plan.nextTransitionMs ? { nextTransitionTime: iso(plan.nextTransitionMs) } : {}),
    ...(once ? { computedLead: `${Math.ceil(plan.leadMs / 1000)}s` } : {}),
    floor: targets.reduce((sum, one) => sum + one.effectiveFloor, 0),
    ready: targets.reduce((sum, one) => sum + one.ready, 0),
    ...(seen.published.generation === undefined ? {} : { publishedGeneration: seen.published.generation }),
    ...(seen.published.hash === undefined ? {} : { publishedHash: seen.published.hash }),
    guarded: !inert && once && warming && nowMs < timeline.closesAtMs,
    ...(begun
      ? {
          warming: {
            opensAt: iso(timeline.plannedOpensAtMs),
            startedAt: startedAt?.startedAt ?? iso(nowMs),
            ...(startedAt?.readyAt
              ? { readyAt: startedAt.readyAt }
              : confirmed
                ? { readyAt: iso(nowMs) }
                : {}),
          },
        }
      : {}),
    ...(sale.suspend && !inert
      ? {
          suspension: old?.suspension ?? {
            since: iso(nowMs),
            parts: [...plan.parts].map(([key, pods]) => ({ ref: withoutNamespace(key), pods })),
          },
        }
      : {}),
    ...(seen.opening?.decided && sale.openPolicy.mode === 'WhenConfirmed' && once
      ? { opening: { plannedAt: iso(timeline.plannedOpensAtMs), opensAt: iso(seen.opening.opensAtMs) } }
      : {}),
    targets,
    dependencies: [...seen.dependencies].map(([name, { state, message }]) => ({ name, state, message })),
    conditions,
  };
}

/** The status of a TicketEvent the services would refuse; undefined when it says so already. */
export function invalidStatus(
  resource: TicketEventResource,
  problems: readonly string[],
): TicketEventStatus | undefined {
  const generation = resource.metadata.generation ?? 0;
  const before = resource.status?.conditions?.find((one) => one.type === 'Degraded');
  const message = problems.join('; ').slice(0, 2000);
  const said = before?.reason === 'Invalid' && before.message === message;
  if (said && before.observedGeneration === generation) return undefined;
  const one = {
    reason: 'Invalid',
    message,
    observedGeneration: generation,
    lastTransitionTime: new Date().toISOString(),
  };
  return {
    ...resource.status,
    observedGeneration: generation,
    conditions: [
      { type: 'Degraded', status: 'True', ...one },
      { type: 'Ready', status: 'False', ...one },
    ],
  };
}
