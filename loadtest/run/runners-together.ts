import { overallExitCode, stoppedFromOutside } from './exit-codes.ts';

/**
 * Runs runners side by side; resolves with their exit codes as one. One that fails before its time, by a threshold or because
 * it was killed, has decided the run: the others are stopped, and still leave their figures.
 */
export async function runnersTogether(
  count: number,
  runOne: (number: number, signal: AbortSignal) => Promise<number | null>,
  { durationSeconds, signal }: { readonly durationSeconds: number; readonly signal: AbortSignal },
): Promise<number | null> {
  const startedMs = performance.now();
  const oneFailed = new AbortController();
  const stop = AbortSignal.any([signal, oneFailed.signal]);
  const codes = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const code = await runOne(index + 1, stop);
      const isEarly = performance.now() - startedMs < (durationSeconds - 5) * 1000;
      // Stopped because of another's failure, which says what was wrong.
      if (oneFailed.signal.aborted && code === stoppedFromOutside) return 0;
      if (code !== 0 && isEarly) oneFailed.abort();
      return code;
    }),
  );
  return overallExitCode(codes);
}
