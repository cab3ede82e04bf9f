import type { MetricSample } from './metrics-text.ts';

/** A run by its outward facts, written when it ends. */
export interface RunRecord {
  readonly profile: string;
  readonly base: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** What the load came from and, on a laptop, went to. */
  readonly machine: string;
  /** Runners the load was divided among; each owes a summary. */
  readonly runners: number;
  /** k6's exit code, of several the worst; null where one was killed. */
  readonly exitCode: number | null;
  readonly wasInterrupted: boolean;
}

/** What was seen of a service, of the database or of the cluster at an instant. */
export type Observation =
  | {
      readonly atMs: number;
      readonly kind: 'service';
      readonly service: string;
      readonly replica: string;
      readonly samples: readonly MetricSample[];
    }
  | {
      readonly atMs: number;
      readonly kind: 'database';
      readonly connections: number;
      readonly latencyMs: number;
    }
  | { readonly atMs: number; readonly kind: 'pods'; readonly deployment: string; readonly ready: number };

/** Something done to the system during the run, such as a fault. */
export interface Mark {
  readonly atMs: number;
  readonly what: string;
}

/** What k6 says at a run's end, as handleSummary gets it. */
export interface K6Summary {
  readonly metrics: Readonly<
    Record<
      string,
      {
        readonly type: string;
        readonly values: Readonly<Record<string, number>>;
        readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>>;
      }
    >
  >;
}
