/** A timer longer than this fires at once: setTimeout counts in 31 bits. */
const longestTimerMs = 2_000_000_000;

export interface WorkQueueOptions {
  /** Handles one key; a number asks for the key again after so many milliseconds; a rejection asks with backoff. */
  readonly process: (key: string) => Promise<number | undefined>;
  readonly concurrency: number;
  readonly firstBackoffMs?: number;
  readonly longestBackoffMs?: number;
  readonly onError: (key: string, error: unknown, failures: number) => void;
  readonly nowMs?: () => number;
}

/** Keys to be reconciled: a key is never worked on twice at once, and one added meanwhile is worked on again. */
export interface WorkQueue {
  add(key: string): void;
  /** Keeps the earliest of several. */
  addAfter(key: string, delayMs: number): void;
  /** Keys waiting now. */
  readonly depth: number;
  /** Takes no more work and resolves when what runs has ended. */
  stop(): Promise<void>;
}

/** A queue after client-go's rules: dirty and processing sets, one timer per key, exponential backoff per key. */
export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  const { process, concurrency, onError, firstBackoffMs = 250, longestBackoffMs = 30_000 } = options;
  const nowMs = options.nowMs ?? (() => performance.now());
  const waiting = new Set<string>();
  const processing = new Set<string>();
  const again = new Set<string>();
  const failures = new Map<string, number>();
  const timers = new Map<string, { timer: NodeJS.Timeout; dueMs: number }>();
  const running = new Set<Promise<void>>();
  let stopped = false;

  function add(key: string): void {
    if (stopped) return;
    const timer = timers.get(key);
    if (timer) {
      clearTimeout(timer.timer);
      timers.delete(key);
    }
    if (processing.has(key)) again.add(key);
    else waiting.add(key);
    pump();
  }

  function addAfter(key: string, delayMs: number): void {
    if (stopped) return;
    const dueMs = nowMs() + Math.max(0, delayMs);
    const existing = timers.get(key);
    if (existing && existing.dueMs <= dueMs) return;
    if (existing) clearTimeout(existing.timer);
    const timer = setTimeout(
      () => {
        timers.delete(key);
        const leftMs = dueMs - nowMs();
        if (leftMs > 1) addAfter(key, leftMs);
        else add(key);
      },
      Math.min(Math.max(0, delayMs), longestTimerMs),
    );
    timers.set(key, { timer, dueMs });
  }

  function pump(): void {
    while (!stopped && running.size < concurrency && waiting.size > 0) {
      const key = waiting.values().next().value!;
      waiting.delete(key);
      processing.add(key);
      const run = work(key).finally(() => {
        running.delete(run);
        pump();
      });
      running.add(run);
    }
  }

  async function work(key: string): Promise<void> {
    try {
      const afterMs = await process(key);
      failures.delete(key);
      processing.delete(key);
      if (afterMs !== undefined) addAfter(key, afterMs);
    } catch (error) {
      const count = (failures.get(key) ?? 0) + 1;
      failures.set(key, count);
      processing.delete(key);
      onError(key, error, count);
      addAfter(key, Math.min(firstBackoffMs * 2 ** (count - 1), longestBackoffMs));
    }
    if (again.delete(key)) add(key);
  }

  return {
    add,
    addAfter,
    get depth() {
      return waiting.size;
    },
    async stop() {
      stopped = true;
      for (const { timer } of timers.values()) clearTimeout(timer);
      timers.clear();
      waiting.clear();
      await Promise.allSettled(running);
    },
  };
}
