import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';

export interface SweepLoop {
  /** Resolves when the pass under way has ended. */
  stop(): Promise<void>;
}

export interface SweepLoopOptions {
  readonly name: string;
  readonly everyMs: number;
  /** Most a pass takes up; a full pass is followed by the next at once. */
  readonly limit: number;
  /** Resolves with how many it took up. */
  readonly sweep: (limit: number) => Promise<number>;
  readonly logger: Logger;
}

/** Runs a sweep again and again until it is stopped; a failed pass is logged, and the next one comes all the same. */
export function startSweepLoop({ name, everyMs, limit, sweep, logger }: SweepLoopOptions): SweepLoop {
  const stopped = new AbortController();
  const run = async () => {
    while (!stopped.signal.aborted) {
      let found = 0;
      try {
        found = await sweep(limit);
      } catch (err) {
        logger.warn({ event: 'sweep_failed', sweep: name, err }, 'A sweep failed; the next one follows');
      }
      if (found < limit) await delay(everyMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    async stop() {
      stopped.abort();
      await running;
    },
  };
}
