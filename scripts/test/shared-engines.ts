import { startTestEngines } from '@onsale/local/test-engines';

/** The engines that integration tests share, started when they are first asked for. */
export interface SharedEngines {
  /** The variables by which a test file finds them; rejects for every caller when they could not be started. */
  env(): Promise<Readonly<Record<string, string>>>;
  stop(): Promise<void>;
}

/** Starts nothing yet; `report` gets lines of progress. */
export function createSharedEngines(report: (line: string) => void): SharedEngines {
  let started: ReturnType<typeof startTestEngines> | undefined;
  return {
    env: async () => {
      started ??= startTestEngines(report);
      return (await started).env;
    },
    stop: async () => {
      const engines = await started?.catch(() => undefined);
      await engines?.stop();
    },
  };
}
