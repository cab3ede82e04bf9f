/** Group commit: gathers calls that arrive close together and settles each with its own result of one shared flush. */
export interface Batcher<Item, Result> {
  /** Resolves or rejects with this item's own result. */
  add(item: Item): Promise<Result>;
  /** Items waiting or being flushed. */
  readonly pending: number;
  /** Flushes what waits and resolves when nothing is in flight; the batcher stays usable. */
  drain(): Promise<void>;
}

export interface BatcherOptions<Item, Result> {
  /** Flush as soon as this many wait. */
  readonly maxItems: number;
  /** Flush at the latest this long after the first arrived; 0 gathers what arrives in the same turn of the event loop. */
  readonly lingerMs: number;
  /**
   * The same while another flush is under way, but no longer than until none is. What a batch costs is divided by what is in
   * it, and under load there is always a flush to wait for. Default: lingerMs.
   */
  readonly busyLingerMs?: number;
  /** Flushes running at once; further items wait and make the next batches fuller. Default 4. */
  readonly maxConcurrent?: number;
  /**
   * Writes a batch. Returns one settled result per item, in order; a rejection fails every item of the batch alike.
   */
  flush(items: readonly Item[]): Promise<readonly PromiseSettledResult<Result>[]>;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
}

/** Makes a {@link Batcher}. */
export function createBatcher<Item, Result>(options: BatcherOptions<Item, Result>): Batcher<Item, Result> {
  const { maxItems, lingerMs, busyLingerMs = lingerMs, maxConcurrent = 4 } = options;
  let waiting: Waiting<Item, Result>[] = [];
  let cancelTimer: (() => void) | undefined;
  let flushing = 0;
  let inFlight = 0;
  const idle: (() => void)[] = [];

  const startTimer = () => {
    const ms = flushing > 0 ? busyLingerMs : lingerMs;
    if (ms === 0) {
      const immediate = setImmediate(flushNow);
      cancelTimer = () => clearImmediate(immediate);
    } else {
      const timeout = setTimeout(flushNow, ms);
      cancelTimer = () => clearTimeout(timeout);
    }
  };

  const flushNow = () => {
    cancelTimer?.();
    cancelTimer = undefined;
    while (waiting.length > 0 && flushing < maxConcurrent) {
      const batch = waiting.length <= maxItems ? waiting : waiting.slice(0, maxItems);
      waiting = waiting.length <= maxItems ? [] : waiting.slice(maxItems);
      flushing++;
      inFlight += batch.length;
      void settle(batch);
    }
  };

  const settle = async (batch: Waiting<Item, Result>[]) => {
    try {
      const results = await options.flush(batch.map((entry) => entry.item));
      batch.forEach((entry, index) => {
        const result = results[index];
        if (result?.status === 'fulfilled') entry.resolve(result.value);
        else entry.reject(result ? result.reason : new Error('the flush returned fewer results than items'));
      });
    } catch (error) {
      for (const entry of batch) entry.reject(error);
    } finally {
      flushing--;
      inFlight -= batch.length;
      // What waited for a free flush, or for the last one to end, has lingered long enough.
      if (waiting.length > 0 && (flushing === 0 || cancelTimer === undefined)) flushNow();
      else if (flushing === 0 && waiting.length === 0) for (const resolve of idle.splice(0)) resolve();
    }
  };

  return {
    get pending() {
      return waiting.length + inFlight;
    },
    add(item) {
      return new Promise<Result>((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        if (waiting.length >= maxItems) flushNow();
        else if (cancelTimer === undefined && flushing < maxConcurrent) startTimer();
      });
    },
    async drain() {
      flushNow();
      if (flushing === 0 && waiting.length === 0) return;
      await new Promise<void>((resolve) => idle.push(resolve));
    },
  };
}
