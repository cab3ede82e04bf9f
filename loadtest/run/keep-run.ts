import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { observe } from '../observe/observe.ts';
import type { Sources } from '../observe/source.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Report } from '../report/report.ts';
import type { RunRecord } from '../report/run-record.ts';
import { remakeReport } from './remake-report.ts';

const lookEveryMs = 2000;

export interface KeptRun {
  readonly profile: Profile;
  readonly base: string;
  readonly runners: number;
  readonly machine: string;
  /** Everything of the run goes there. */
  readonly folder: string;
  readonly sources: Sources;
}

/** How a run ended. */
export type RunEnd = Pick<RunRecord, 'startedAtMs' | 'endedAtMs' | 'exitCode' | 'wasInterrupted'>;

/** Watches the system while `load` puts load on it, writes down what a report is made of, and makes it. */
export async function keepRun(run: KeptRun, load: () => Promise<RunEnd>): Promise<Report> {
  const { profile, base, runners, machine, folder, sources } = run;
  await mkdir(folder, { recursive: true });
  const stopWatching = observe(sources.live, join(folder, 'observed.jsonl'), lookEveryMs);
  let end: RunEnd;
  try {
    end = await load();
  } finally {
    await stopWatching();
  }
  const record: RunRecord = { profile, base, machine, runners, ...end };
  await writeFile(join(folder, 'run.json'), `${JSON.stringify(record, null, 2)}\n`);
  return remakeReport(folder, sources);
}
