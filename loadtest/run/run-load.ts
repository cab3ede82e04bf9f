import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Fixtures } from '../profiles/fixtures.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Report } from '../report/make-report.ts';
import type { RunRecord } from '../report/run-record.ts';
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
  readonly showsProgress: boolean;
  readonly signal: AbortSignal;
}

/** Runs a profile on this machine and makes its report, whatever came of it. */
export async function runLoad(run: LoadRun): Promise<Report> {
  const { k6, profile, base, folder, signal, showsProgress } = run;
  await mkdir(folder, { recursive: true });
  const fixturesFile = join(folder, 'fixtures.json');
  await writeFile(fixturesFile, JSON.stringify(run.fixtures));
  const startedAtMs = Date.now();
  const stopWatching = run.watched && watchServices(run.watched, join(folder, 'observed.jsonl'), lookEveryMs);
  let exitCode: number | null;
  try {
    exitCode = await runK6({ k6, profile: profile.name, base, fixturesFile, folder, showsProgress, signal });
  } finally {
    await stopWatching?.();
  }
  const record: RunRecord = {
    profile: profile.name,
    base,
    startedAtMs,
    endedAtMs: Date.now(),
    machine: `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB`,
    runners: 1,
    exitCode,
    wasInterrupted: signal.aborted,
  };
  await writeFile(join(folder, 'run.json'), `${JSON.stringify(record, null, 2)}\n`);
  return writeReport(folder);
}
