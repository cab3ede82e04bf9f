import type { Verdict } from './judge.ts';

export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Said where there are no rows. */
  readonly empty: string;
}

export interface Plot {
  readonly title: string;
  readonly unit: string;
  /** Points by the seconds since the run's start. */
  readonly lines: readonly {
    readonly name: string;
    readonly points: readonly (readonly [number, number])[];
  }[];
  /** Where steps begin and what was done to the system, by the seconds since the run's start. */
  readonly notes?: readonly { readonly what: string; readonly second: number; readonly isFault: boolean }[];
}

/** A report before it is a page. */
export interface Report {
  readonly title: string;
  readonly facts: readonly string[];
  readonly isPassed: boolean;
  readonly verdicts: readonly Verdict[];
  readonly tables: readonly Table[];
  readonly plots: readonly Plot[];
}
