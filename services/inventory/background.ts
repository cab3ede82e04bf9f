import type { Logger } from 'pino';

/** Work that goes on behind answers: clean-up nobody waits for, and whose failure something else makes good. */
export interface Background {
  /** Lets it run; a failure is logged under this name. */
  run(name: string, work: () => Promise<unknown>): void;
  /** Resolves when all of it is done. */
  drain(): Promise<void>;
}

/** Makes a {@link Background}. */
export function createBackground(logger: Logger): Background {
  const running = new Set<Promise<unknown>>();
  return {
    run(name, work) {
      const done = work().catch((err: unknown) => {
        logger.warn({ event: 'inventory_background_failed', work: name, err }, 'Clean-up failed');
      });
      running.add(done);
      void done.finally(() => running.delete(done));
    },
    async drain() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
