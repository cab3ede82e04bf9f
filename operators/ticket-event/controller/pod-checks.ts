import { isDeepStrictEqual } from 'node:util';
import type { LearnedTimes } from '../plan/sale-demand.ts';
import type { ClusterWriter } from './cluster-writer.ts';
import type { FleetView } from './fleet-view.ts';
import { podHealth } from './pod-health.ts';

/** Start and registration times the cluster was seen to take, kept over restarts. */
export interface Learned {
  readonly value: LearnedTimes;
  learn(times: LearnedTimes): Promise<void>;
}

/** Looks after the pods of warming sales. */
export interface PodChecks {
  /** Looks at all pods of a sale's targets; resolves to how many did not start and were deleted. */
  check(sale: string, now: FleetView): Promise<number>;
  /** What the last check of the sale found. */
  replaced(sale: string): number;
  forget(sale: string): void;
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
    async check(sale, now) {
      let replaced = 0;
      for (const { target } of now.sales.get(sale)?.targets ?? []) {
        const scaled = now.targets.get(target);
        if (!scaled) continue;
        const health = podHealth(await writer.pods(scaled), now.nowMs, stuckAfterMs);
        const most = Math.max(1, Math.ceil(scaled.liveMin / 10));
        for (const pod of health.stuck.slice(0, most)) {
          await writer.deletePod(pod);
          onReplaced();
          replaced += 1;
        }
        const times: LearnedTimes = {
          podStartMs: Math.max(learned.value.podStartMs, health.startP95Ms ?? 0),
          registrationMs: Math.max(learned.value.registrationMs, health.registrationP95Ms ?? 0),
        };
        if (!isDeepStrictEqual(times, learned.value)) await learned.learn(times);
      }
      found.set(sale, replaced);
      return replaced;
    },
    replaced: (sale) => found.get(sale) ?? 0,
    forget: (sale) => void found.delete(sale),
  };
}
