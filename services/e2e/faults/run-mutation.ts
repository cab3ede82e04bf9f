import type { Violation } from './checker/violation.ts';
import type { Mutation } from './mutations.ts';
import { runFaults } from './run-faults.ts';

/** What the checker made of a mutated stack. */
export interface MutationRun {
  /** The first violation that is this mutation's; undefined: it was not caught. */
  readonly caught: Violation | undefined;
  readonly violations: number;
  readonly tries: number;
}

/** Runs a stack whose services have the mistake in them, again with other seeds until the checker finds it. */
export async function runMutation(
  mutation: Mutation,
  options: {
    readonly seed: string;
    readonly tries: number;
    readonly signal: AbortSignal;
    readonly report: (line: string) => void;
  },
): Promise<MutationRun> {
  const loader = new URL(`./mutation-loader.ts?name=${mutation.name}`, import.meta.url).href;
  let violations = 0;
  for (let attempt = 1; attempt <= options.tries; attempt++) {
    const { violations: found } = await runFaults({
      seed: `${options.seed}-${mutation.name}-${attempt}`,
      buyers: mutation.buyers ?? 10,
      replicas: 1,
      onCluster: mutation.onCluster ?? false,
      unloadedCommits: 0,
      // It need not come to rest; what has not by then is told as a violation of its own.
      quietWithinMs: 4000,
      ...{ lengthMs: mutation.lengthMs, schedule: mutation.schedule, mix: mutation.mix },
      ...(mutation.payments === undefined ? {} : { payments: mutation.payments }),
      environment: { ...mutation.environment, NODE_OPTIONS: `--import ${loader}` },
      prepare: async (stores) => {
        if (mutation.sql !== undefined) await stores.postgres.query(mutation.sql);
      },
      ...{ signal: options.signal, report: options.report },
    });
    violations += found.length;
    const caught = found.find(({ message }) => mutation.finds.test(message));
    if (caught) return { caught, violations, tries: attempt };
  }
  return { caught: undefined, violations, tries: options.tries };
}
