import type { Logger } from 'pino';

/** Work that goes on behind answers: clean-up nobody waits for, and whose failure something else makes good. */
export interface Background {
  /** Lets it run; a failure is logged under this name. */
  run(name: string, work: () => Promise<unknown>): void;
  /** Resolves when all of it is done. */
  drain(): Promise<void>;
}

const quietMs = 1000;

/** Makes a {@link Background}. */
export function createBackground(logger: Logger): Background {
  const running = new Set<Promise<unknown>>();
  const quietUntil = new Map<string, number>();
  // While a store is away everything of a kind fails: one line a second says so.
  const warn = (work: string, err: unknown) => {
    if (performance.now() < (quietUntil.get(work) ?? 0)) return;
    quietUntil.set(work, performance.now() + quietMs);
    logger.warn({ event: 'inventory_background_failed', work, err }, 'Clean-up failed');
  };
  return {
    run(name, work) {
      const done = work().catch((err: unknown) => warn(name, err));
      running.add(done);
      void done.finally(() => running.delete(done));
    },
    async drain() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
