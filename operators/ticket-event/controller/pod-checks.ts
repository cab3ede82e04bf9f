import { isDeepStrictEqual } from 'node:util';
import type { LearnedTimes, TargetKey } from '../plan/sale-demand.ts';
import type { ClusterWriter } from './cluster-writer.ts';
import type { ScaledTarget } from './cluster-objects.ts';
import { podHealth } from './pod-health.ts';

/** Start and registration times the cluster was seen to take, kept over restarts. */
export interface Learned {
  readonly value: LearnedTimes;
  learn(times: LearnedTimes): Promise<void>;
}

/** Looks after the pods of targets that warm. */
export interface PodChecks {
  /** Looks at all pods of a target; resolves to how many did not start and were deleted. */
  check(target: ScaledTarget, nowMs: number): Promise<number>;
  /** What the last check of the target found. */
  replaced(target: TargetKey): number;
  forget(target: TargetKey): void;
}

/** Replaces pods that do not start, a tenth of the floor at a time, and learns from those that did. */
export function createPodChecks(options: {
  readonly writer: Pick<ClusterWriter, 'pods' | 'deletePod'>;
  readonly learned: Learned;
  readonly stuckAfterMs: number;
  readonly onReplaced: () => void;
}): PodChecks {
  const { writer, learned, stuckAfterMs, onReplaced } = options;
  const found = new Map<string, number>();
  return {
    async check(target, nowMs) {
      const health = podHealth(await writer.pods(target), nowMs, stuckAfterMs);
      const most = Math.max(1, Math.ceil(target.liveMin / 10));
      const stuck = health.stuck.slice(0, most);
      for (const pod of stuck) {
        await writer.deletePod(pod);
        onReplaced();
      }
      found.set(target.key, stuck.length);
      const times: LearnedTimes = {
        podStartMs: Math.max(learned.value.podStartMs, health.startP95Ms ?? 0),
        registrationMs: Math.max(learned.value.registrationMs, health.registrationP95Ms ?? 0),
      };
      if (!isDeepStrictEqual(times, learned.value)) await learned.learn(times);
      return stuck.length;
    },
    replaced: (target) => found.get(target) ?? 0,
    forget: (target) => void found.delete(target),
  };
}
