import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../k6/main.ts', import.meta.url));

export interface K6Run {
  readonly k6: string;
  readonly profileFile: string;
  readonly base: string;
  readonly fixturesFile: string;
  /** Where points.json.gz and summary.json go, of several runners with their numbers. */
  readonly folder: string;
  /** Number of this runner, from 1, and of all; each takes an equal segment of the load. */
  readonly runner: { readonly number: number; readonly of: number };
  /** k6's own progress goes to the terminal. */
  readonly showsProgress: boolean;
  /** Once aborted, k6 stops new iterations and ends; its summary is written all the same. */
  readonly signal: AbortSignal;
}

/** Segments as k6-operator gives them to its runners. */
function segmentOf({ number, of }: K6Run['runner']): string[] {
  if (of === 1) return [];
  const end = (index: number) => (index === 0 ? '0' : index === of ? '1' : `${index}/${of}`);
  return [
    `--execution-segment=${end(number - 1)}:${end(number)}`,
    `--execution-segment-sequence=${Array.from({ length: of + 1 }, (_, index) => end(index)).join(',')}`,
  ];
}

/** Runs k6 to its end; resolves with its exit code, null where something killed it. */
export async function runK6(run: K6Run): Promise<number | null> {
  const suffix = run.runner.of === 1 ? '' : `-${run.runner.number}`;
  const child = spawn(
    run.k6,
    [
      'run',
      '--no-usage-report',
      // No listener: two runs on one machine would want the same port.
      '--address=',
      ...(run.showsProgress ? [] : ['--quiet']),
      ...segmentOf(run.runner),
      '--out',
      `json=${join(run.folder, `points${suffix}.json.gz`)}`,
      '-e',
      `PROFILE=${run.profileFile}`,
      '-e',
      `BASE=${run.base}`,
      '-e',
      `FIXTURES=${run.fixturesFile}`,
      '-e',
      `SUMMARY=${join(run.folder, `summary${suffix}.json`)}`,
      script,
    ],
    // A group of its own: Ctrl-C reaches k6 once, from here; twice would mean "drop everything".
    { stdio: ['ignore', run.showsProgress ? 'inherit' : 'ignore', 'inherit'], detached: true },
  );
  const stop = () => child.kill('SIGINT');
  run.signal.addEventListener('abort', stop, { once: true });
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
  } finally {
    run.signal.removeEventListener('abort', stop);
  }
}
