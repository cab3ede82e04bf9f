/** A timer's longest delay; a longer one would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/** Resolves after `ms`, at most 24 days, or when the network comes back if `orOnline`. Rejects when aborted. */
export function wait(ms: number, signal: AbortSignal, orOnline = false): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      if (orOnline) removeEventListener('online', done);
      resolve();
    };
    const abort = () => {
      clearTimeout(timer);
      if (orOnline) removeEventListener('online', done);
      reject(signal.reason as Error);
    };
    if (signal.aborted) return reject(signal.reason as Error);
    const timer = setTimeout(done, Math.min(ms, longestTimerMs));
    signal.addEventListener('abort', abort, { once: true });
    if (orOnline) addEventListener('online', done);
  });
}

const firstRetryMs = 1000;
const longestRetryMs = 15_000;

/** How long to wait before try number `attempt` (from 0): doubling, and jittered so that those who failed together drift apart. */
export function retryDelayMs(attempt: number, random: () => number): number {
  return Math.min(longestRetryMs, firstRetryMs * 2 ** attempt) * (0.75 + 0.5 * random());
}
