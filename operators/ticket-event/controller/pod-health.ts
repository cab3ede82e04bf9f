import type { V1Pod } from '@kubernetes/client-node';

/** EKS sets it on a pod it will evict for a patch. */
const terminationSchedule = 'fargate.amazonaws.com/scheduled-termination';

/** What a target's pods tell. Milliseconds. */
export interface PodHealth {
  /** Pending for so long that Fargate has most likely lost them. */
  readonly stuck: readonly V1Pod[];
  readonly scheduledToEnd: number;
  readonly startP95Ms: number | undefined;
  readonly registrationP95Ms: number | undefined;
}

const at = (time: Date | string | undefined) => (time === undefined ? undefined : new Date(time).getTime());

function p95(samples: number[]): number | undefined {
  if (samples.length === 0) return undefined;
  samples.sort((a, b) => a - b);
  return samples[Math.min(samples.length - 1, Math.ceil(samples.length * 0.95) - 1)];
}

/**
 * Reads starts and registrations from pod conditions, from being scheduled on: the wait before that is the launch rate,
 * which the lead counts apart. Registration is the load balancer's readiness gate, after the containers are ready.
 */
export function podHealth(pods: readonly V1Pod[], nowMs: number, stuckAfterMs: number): PodHealth {
  const starts: number[] = [];
  const registrations: number[] = [];
  const stuck: V1Pod[] = [];
  let scheduledToEnd = 0;
  for (const pod of pods) {
    const condition = (type: string) =>
      pod.status?.conditions?.find((one) => one.type === type && one.status === 'True');
    const scheduled = at(condition('PodScheduled')?.lastTransitionTime);
    const containers = at(condition('ContainersReady')?.lastTransitionTime);
    const ready = at(condition('Ready')?.lastTransitionTime);
    if (pod.metadata?.annotations?.[terminationSchedule]) scheduledToEnd += 1;
    if (scheduled !== undefined && (containers ?? ready) !== undefined) {
      starts.push(Math.max(0, (containers ?? ready!) - scheduled));
    }
    if (containers !== undefined && ready !== undefined && (pod.spec?.readinessGates?.length ?? 0) > 0) {
      registrations.push(Math.max(0, ready - containers));
    }
    const created = at(pod.metadata?.creationTimestamp) ?? nowMs;
    // A pod still waiting its turn at the launch rate is not stuck: only one that has been given a node is.
    const since = scheduled ?? (pod.spec?.nodeName ? created : undefined) ?? created + 4 * stuckAfterMs;
    if (pod.status?.phase === 'Pending' && !pod.metadata?.deletionTimestamp && nowMs - since > stuckAfterMs) {
      stuck.push(pod);
    }
  }
  return { stuck, scheduledToEnd, startP95Ms: p95(starts), registrationP95Ms: p95(registrations) };
}
