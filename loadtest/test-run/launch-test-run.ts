import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { durationSeconds, type Profile } from '../profiles/profile.ts';
import type { Report } from '../report/make-report.ts';
import type { RunRecord } from '../report/run-record.ts';
import { writeReport } from '../run/write-report.ts';
import { followTestRun, type TestRunToFollow } from './follow-test-run.ts';

export interface TestRunLaunch extends Omit<TestRunToFollow, 'durationSeconds'> {
  readonly profile: Profile;
  readonly base: string;
  readonly runners: number;
}

/** Runs a profile by k6-operator and makes its report, whatever came of it. */
export async function launchTestRun(launch: TestRunLaunch): Promise<Report> {
  const { profile, base, runners, folder } = launch;
  await mkdir(folder, { recursive: true });
  const end = await followTestRun({ ...launch, durationSeconds: durationSeconds(profile) });
  const record: RunRecord = {
    profile: profile.name,
    base,
    machine: `${runners} pods of k6-operator`,
    runners,
    ...end,
  };
  await writeFile(join(folder, 'run.json'), `${JSON.stringify(record, null, 2)}\n`);
  return writeReport(folder);
}
