import type { Profile } from '../profiles/profile.ts';
import type { Digest } from './digest.ts';
import type { K6Summary, Mark, Observation, RunRecord } from './run-record.ts';

/** What a run left behind, read. */
export interface ReportInput {
  readonly profile: Profile;
  readonly record: RunRecord;
  /** One of each runner; undefined where it left none. */
  readonly summaries: readonly (K6Summary | undefined)[];
  /** Undefined where raw output was not kept, as in pods. */
  readonly digest: Digest | undefined;
  readonly observations: readonly Observation[];
  readonly marks: readonly Mark[];
}
