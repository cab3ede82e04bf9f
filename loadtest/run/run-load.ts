import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Fixtures } from '../profiles/fixtures.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Report } from '../report/make-report.ts';
import type { RunRecord } from '../report/run-record.ts';
import { overallExitCode } from './exit-codes.ts';
import { runK6 } from './run-k6.ts';
import { type Watched, watchServices } from './watch-services.ts';
import { writeReport } from './write-report.ts';

const lookEveryMs = 2000;

export interface LoadRun {
  readonly k6: string;
  readonly profile: Profile;
  readonly base: string;
  readonly fixtures: Fixtures;
  /** Everything of the run goes there. */
  readonly folder: string;
  readonly watched: Watched | undefined;
  /** k6 processes that share the load. */
  readonly runners: number;
  readonly showsProgress: boolean;
  readonly signal: AbortSignal;
}

/** Runs a profile on this machine and makes its report, whatever came of it. */
export async function runLoad(run: LoadRun): Promise<Report> {
  const { k6, profile, base, folder, runners, signal, showsProgress } = run;
  await mkdir(folder, { recursive: true });
  const fixturesFile = join(folder, 'fixtures.json');
  await writeFile(fixturesFile, JSON.stringify(run.fixtures));
  const startedAtMs = Date.now();
  const stopWatching = run.watched && watchServices(run.watched, join(folder, 'observed.jsonl'), lookEveryMs);
  let exitCode: number | null;
  try {
    const ended = Array.from({ length: runners }, (_, index) =>
      runK6({
        k6,
        profile: profile.name,
        base,
        fixturesFile,
        folder,
        runner: { number: index + 1, of: runners },
        // Bars of several would write over each other.
        showsProgress: showsProgress && index === 0,
        signal,
      }),
    );
    exitCode = overallExitCode(await Promise.all(ended));
  } finally {
    await stopWatching?.();
  }
  const record: RunRecord = {
    profile: profile.name,
    base,
    startedAtMs,
    endedAtMs: Date.now(),
    machine: `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB`,
    runners,
    exitCode,
    wasInterrupted: signal.aborted,
  };
  await writeFile(join(folder, 'run.json'), `${JSON.stringify(record, null, 2)}\n`);
  return writeReport(folder);
}
