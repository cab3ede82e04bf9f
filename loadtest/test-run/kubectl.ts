import { execFile } from 'node:child_process';

/** What kubectl said, and whether it was content. */
export interface Said {
  readonly isOk: boolean;
  readonly out: string;
  readonly err: string;
}

/** Runs kubectl in the namespace of the load test; never rejects. */
export type Kubectl = (args: readonly string[], input?: string) => Promise<Said>;

/** A kubectl for one namespace; its context decides which cluster, the current one where none is named. */
export function kubectlIn(program: string, namespace: string, context: string | undefined): Kubectl {
  const where = ['--namespace', namespace, ...(context === undefined ? [] : ['--context', context])];
  return (args, input = '') =>
    new Promise((resolve) => {
      const child = execFile(
        program,
        [...where, '--request-timeout=30s', ...args],
        { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024, timeout: 120_000 },
        (error, out, err) => resolve({ isOk: error === null, out, err: err || (error?.message ?? '') }),
      );
      // A kubectl that refuses its arguments has closed its input before it was written.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(input);
    });
}
