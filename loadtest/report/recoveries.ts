import { firstStretch, type Pace } from './pace.ts';
import type { Mark } from './run-record.ts';

/** Seconds in a row that must be good again after a fault. */
const calmSeconds = 5;

/** From each mark to the first of five good seconds in a row: no failed answer in a hundred, p95 within its target. */
export function recoveries(
  marks: readonly Mark[],
  pace: Pace,
  p95TargetMs: number,
): { what: string; atMs: number; recoverySeconds: number | undefined }[] {
  return marks.map(({ what, atMs }) => {
    const after = { ...pace, instants: pace.instants.filter((one) => one.atMs >= atMs) };
    const calm = firstStretch(
      after,
      calmSeconds,
      ({ failedShare, p95Ms }) => failedShare <= 0.01 && p95Ms <= p95TargetMs,
    );
    return { what, atMs, recoverySeconds: calm && (calm.atMs - atMs) / 1000 };
  });
}
