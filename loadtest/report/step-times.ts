import type { Profile, Step } from '../profiles/profile.ts';
import type { RunRecord } from './run-record.ts';

/** When each step that was reached began, in seconds since the run's start, and for how long it ran; one that was cut short, less. */
export function stepTimes(
  { steps }: Profile,
  { startedAtMs, endedAtMs }: RunRecord,
): { step: Step; fromSecond: number; seconds: number }[] {
  const ranSeconds = (endedAtMs - startedAtMs) / 1000;
  let fromSecond = 0;
  return steps.flatMap((step) => {
    const from = fromSecond;
    fromSecond += step.seconds;
    const seconds = Math.min(step.seconds, ranSeconds - from);
    return seconds <= 0 ? [] : [{ step, fromSecond: from, seconds }];
  });
}
