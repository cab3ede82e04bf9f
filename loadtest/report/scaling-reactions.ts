import { firstStretch, type Pace } from './pace.ts';
import type { Observation } from './run-record.ts';

/** Seconds that a target had to be missed for scaling to be due. */
const breachSeconds = 5;

/** How a deployment's pods followed a breach, as one who counts them saw it. */
export interface Reaction {
  readonly deployment: string;
  readonly by: string;
  /** When the p95 target began to be missed. */
  readonly breachAtMs: number;
  /** Until more pods were ready than at the breach; undefined where there never were. */
  readonly reactionSeconds: number | undefined;
}

/** From the p95 target's being missed until more pods were ready; none where it was kept or nobody counted pods. */
export function scalingReactions(
  observations: readonly Observation[],
  pace: Pace,
  p95TargetMs: number,
): Reaction[] {
  const breach = firstStretch(pace, breachSeconds, ({ p95Ms }) => p95Ms > p95TargetMs);
  if (breach === undefined) return [];
  const breachAtMs = breach.atMs;
  const pods = observations.filter((one) => one.kind === 'pods');
  return [...Map.groupBy(pods, ({ deployment, by }) => `${deployment} ${by}`).values()].map((looks) => {
    const before = looks.findLast(({ atMs }) => atMs <= breachAtMs)?.ready ?? looks[0]!.ready;
    const after = looks.find(({ atMs, ready }) => atMs > breachAtMs && ready > before);
    const { deployment, by } = looks[0]!;
    const reactionSeconds = after === undefined ? undefined : (after.atMs - breachAtMs) / 1000;
    return { deployment, by, breachAtMs, reactionSeconds };
  });
}
