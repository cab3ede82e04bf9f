import type { ClusterObject } from './cluster-objects.ts';

/** EKS sets it on a pod it will evict for a patch. */
const terminationSchedule = 'fargate.amazonaws.com/scheduled-termination';

/** The parts of a Pod that matter here. */
export interface Pod extends ClusterObject {
  readonly metadata: ClusterObject['metadata'] & {
    readonly uid?: string | undefined;
    readonly creationTimestamp?: string | undefined;
    readonly deletionTimestamp?: string | undefined;
  };
  readonly spec?: {
    readonly nodeName?: string | undefined;
    readonly readinessGates?: readonly object[] | undefined;
  };
  readonly status?: {
    readonly phase?: string | undefined;
    readonly conditions?:
      | readonly { readonly type: string; readonly status: string; readonly lastTransitionTime?: string }[]
      | undefined;
  };
}

/** What is kept of a pod while thousands are looked at. */
export const keptPod = ({ metadata, spec, status }: Pod): Pod => ({
  metadata: {
    name: metadata.name,
    namespace: metadata.namespace,
    uid: metadata.uid,
    creationTimestamp: metadata.creationTimestamp,
    deletionTimestamp: metadata.deletionTimestamp,
    annotations: metadata.annotations?.[terminationSchedule]
      ? { [terminationSchedule]: metadata.annotations[terminationSchedule] }
      : undefined,
  },
  spec: { nodeName: spec?.nodeName, readinessGates: spec?.readinessGates?.map(() => ({})) },
  status: { phase: status?.phase, conditions: status?.conditions },
});

/** What a target's pods tell. Milliseconds. */
export interface PodHealth {
  /** Pending for so long that Fargate has most likely lost them. */
  readonly stuck: readonly Pod[];
  readonly scheduledToEnd: number;
  readonly startP95Ms: number | undefined;
  readonly registrationP95Ms: number | undefined;
}

const at = (time: string | undefined) => (time === undefined ? undefined : Date.parse(time));

function p95(samples: number[]): number | undefined {
  if (samples.length === 0) return undefined;
  samples.sort((a, b) => a - b);
  return samples[Math.min(samples.length - 1, Math.ceil(samples.length * 0.95) - 1)];
}

/**
 * Reads starts and registrations from pod conditions, from being scheduled on: the wait before that is the launch rate,
 * which the lead counts apart. Registration is the load balancer's readiness gate, after the containers are ready.
 */
export function podHealth(pods: readonly Pod[], nowMs: number, stuckAfterMs: number): PodHealth {
  const starts: number[] = [];
  const registrations: number[] = [];
  const stuck: Pod[] = [];
  let scheduledToEnd = 0;
  for (const pod of pods) {
    const condition = (type: string) =>
      pod.status?.conditions?.find((one) => one.type === type && one.status === 'True');
    const scheduled = at(condition('PodScheduled')?.lastTransitionTime);
    const containers = at(condition('ContainersReady')?.lastTransitionTime);
    const ready = at(condition('Ready')?.lastTransitionTime);
    if (pod.metadata.annotations?.[terminationSchedule]) scheduledToEnd += 1;
    if (scheduled !== undefined && (containers ?? ready) !== undefined) {
      starts.push(Math.max(0, (containers ?? ready!) - scheduled));
    }
    if (containers !== undefined && ready !== undefined && (pod.spec?.readinessGates?.length ?? 0) > 0) {
      registrations.push(Math.max(0, ready - containers));
    }
    const created = at(pod.metadata.creationTimestamp) ?? nowMs;
    // A pod still waiting its turn at the launch rate is not stuck: only one that has been given a node is.
    const since = scheduled ?? (pod.spec?.nodeName ? created : undefined) ?? created + 4 * stuckAfterMs;
    if (pod.status?.phase === 'Pending' && !pod.metadata.deletionTimestamp && nowMs - since > stuckAfterMs) {
      stuck.push(pod);
    }
  }
  return { stuck, scheduledToEnd, startP95Ms: p95(starts), registrationP95Ms: p95(registrations) };
}
