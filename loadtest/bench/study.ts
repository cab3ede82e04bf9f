import type { Lab } from './lab.ts';
import type { Plan } from './row.ts';

/** What is measured by itself, without a baseline to set it beside. */
export interface Study {
  readonly name: string;
  readonly title: string;
  run(lab: Lab, plan: Plan, report: (text: string) => void): Promise<StudyResult>;
}

/** One record for each line; all have the same keys. */
export type StudyResult = readonly Readonly<Record<string, string | number>>[];
