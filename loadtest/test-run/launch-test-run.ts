import { durationSeconds } from '../profiles/profile.ts';
import type { Report } from '../report/report.ts';
import { type KeptRun, keepRun } from '../run/keep-run.ts';
import { followTestRun, type TestRunToFollow } from './follow-test-run.ts';

export interface TestRunLaunch extends Omit<TestRunToFollow, 'durationSeconds'>, Omit<KeptRun, 'machine'> {}

/** Runs a profile by k6-operator and makes its report, whatever came of it. */
export async function launchTestRun(launch: TestRunLaunch): Promise<Report> {
  const { profile, runners } = launch;
  return keepRun({ ...launch, machine: `${runners} pods of k6-operator` }, () =>
    followTestRun({ ...launch, durationSeconds: durationSeconds(profile) }),
  );
}
