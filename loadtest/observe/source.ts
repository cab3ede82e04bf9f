import type { Observation } from '../report/run-record.ts';

/** Where a report has figures of the system from. */
export interface Source {
  /** As a report names it where it could not be read. */
  readonly name: string;
  /** What it knows of these instants; a live source knows the present alone. Rejects where it cannot be asked. */
  read(window: TimeWindow): Promise<readonly Observation[]>;
}

export interface TimeWindow {
  readonly fromMs: number;
  readonly toMs: number;
  readonly signal: AbortSignal;
}

/** What is looked at during a run, and what keeps its own past and is asked once, after it. */
export interface Sources {
  readonly live: readonly Source[];
  readonly kept: readonly Source[];
}
