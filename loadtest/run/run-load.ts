import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Sources } from '../observe/source.ts';
import type { Fixtures } from '../profiles/fixtures.ts';
import { durationSeconds, type Profile } from '../profiles/profile.ts';
import type { Report } from '../report/report.ts';
import { keepRun } from './keep-run.ts';
import { runK6 } from './run-k6.ts';
import { runnersTogether } from './runners-together.ts';

export interface LoadRun {
  readonly k6: string;
  readonly profile: Profile;
  readonly base: string;
  readonly fixtures: Fixtures;
  /** Everything of the run goes there. */
  readonly folder: string;
  readonly sources: Sources;
  /** k6 processes that share the load. */
  readonly runners: number;
  readonly showsProgress: boolean;
  readonly signal: AbortSignal;
}

/** Runs a profile on this machine and makes its report, whatever came of it. */
export async function runLoad(run: LoadRun): Promise<Report> {
  const { k6, profile, base, folder, runners, signal, showsProgress } = run;
  await mkdir(folder, { recursive: true });
  const profileFile = join(folder, 'profile.json');
  const fixturesFile = join(folder, 'fixtures.json');
  await writeFile(profileFile, JSON.stringify(profile));
  await writeFile(fixturesFile, JSON.stringify(run.fixtures));
  return keepRun({ ...run, machine: machine() }, async () => {
    const startedAtMs = Date.now();
    const exitCode = await runnersTogether(
      runners,
      (number, stopSignal) =>
        runK6({
          k6,
          profileFile,
          base,
          fixturesFile,
          folder,
          runner: { number, of: runners },
          // Bars of several would write over each other.
          showsProgress: showsProgress && number === 1,
          signal: stopSignal,
        }),
      { durationSeconds: durationSeconds(profile), signal },
    );
    return { startedAtMs, endedAtMs: Date.now(), exitCode, wasInterrupted: signal.aborted };
  });
}

function machine(): string {
  const processors = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${processors.length} cores (${processors[0]?.model ?? 'unknown'}), ${memory} GiB`;
}
