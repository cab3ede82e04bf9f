import { durationMs } from '@onsale/contracts/sale/duration';
import { defineEvent } from '@onsale/contracts/ticket-event/define-event';
import type { DataLever, SaleDemand, SaleMemory, TargetKey } from './sale-demand.ts';
import { resourceKey, type TicketEventResource } from './ticket-event-resource.ts';

export type ReadSale =
  | { readonly outcome: 'read'; readonly sale: SaleDemand }
  | { readonly outcome: 'invalid'; readonly problems: readonly string[] };

/** Defaults of what a TicketEvent leaves out whole; the CRD fills in the rest. */
const defaults = {
  readyBefore: '10m',
  holdAfterOpen: '1h',
  drainStepPercent: 25,
  drainInterval: '5m',
  maxDelay: '5m',
} as const;

/** `namespace/kind/name` of a target a TicketEvent in this namespace names. */
export function targetKey(
  namespace: string,
  ref: { readonly kind: string; readonly name: string },
): TargetKey {
  return `${namespace}/${ref.kind}/${ref.name}`;
}

/** Turns a TicketEvent into numbers; one the services would refuse is refused here with the same words. */
export function readSale(resource: TicketEventResource): ReadSale {
  const defined = defineEvent(resource);
  if (defined.outcome === 'invalid') return defined;
  const { spec, metadata } = resource;
  const { event } = defined;
  const namespace = metadata.namespace ?? 'default';
  const dataLevers: DataLever[] = [];
  if (spec.dependencies?.alb) dataLevers.push('alb');
  if (spec.dependencies?.aurora) dataLevers.push('aurora');
  if (spec.dependencies?.dynamodb) dataLevers.push('dynamodb');
  return {
    outcome: 'read',
    sale: {
      key: resourceKey(resource),
      homeRegion: event.homeRegion,
      opening:
        event.sale.kind === 'windows'
          ? { kind: 'windows' }
          : {
              kind: 'once',
              opensAtMs: event.sale.opensAtMs,
              closesAtMs: event.sale.closesAtMs,
              roomOpensAtMs: event.sale.opensAtMs - event.waitingRoom.opensBeforeMs,
            },
      peakRps: spec.expected?.peakRps ?? 0,
      targets: (spec.targets ?? []).map((target) => ({
        target: targetKey(namespace, target.ref),
        rpsPerPod: target.rpsPerPod,
        headroomPercent: target.headroomPercent ?? 25,
        floor: target.floor ?? 0,
        ceiling: target.ceiling,
      })),
      dataLevers,
      readyBeforeMs: durationMs(spec.prewarm?.readyBefore ?? defaults.readyBefore),
      leadOverrideMs:
        spec.prewarm?.leadOverride === undefined ? undefined : durationMs(spec.prewarm.leadOverride),
      holdAfterOpenMs: durationMs(spec.holdAfterOpen ?? defaults.holdAfterOpen),
      drain: {
        stepPercent: spec.drain?.stepPercent ?? defaults.drainStepPercent,
        intervalMs: durationMs(spec.drain?.interval ?? defaults.drainInterval),
      },
      openPolicy:
        spec.openPolicy?.mode === 'WhenConfirmed'
          ? {
              mode: 'WhenConfirmed',
              maxDelayMs: durationMs(spec.openPolicy.maxDelay ?? defaults.maxDelay),
            }
          : { mode: 'OnTime' },
      suspend: spec.suspend ?? false,
      dryRun: spec.dryRun ?? false,
      deleting: metadata.deletionTimestamp !== undefined,
      memory: memoryOf(resource, namespace),
    },
  };
}

function memoryOf({ status }: TicketEventResource, namespace: string): SaleMemory {
  return {
    warming: status?.warming && {
      opensAtMs: Date.parse(status.warming.opensAt),
      startedAtMs: Date.parse(status.warming.startedAt),
    },
    suspension: status?.suspension && {
      parts: new Map(status.suspension.parts.map((part) => [`${namespace}/${part.ref}`, part.pods])),
    },
    opening: status?.opening && {
      plannedAtMs: Date.parse(status.opening.plannedAt),
      opensAtMs: Date.parse(status.opening.opensAt),
    },
  };
}
