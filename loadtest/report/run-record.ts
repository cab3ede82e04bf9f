import type { Profile } from '../profiles/profile.ts';
import type { MetricSample } from './metrics-text.ts';

/** A run by its outward facts, written when it ends. */
export interface RunRecord {
  /** As it was run: the table may have changed since, and rates may have been scaled. */
  readonly profile: Profile;
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

/** What was seen of a part of the system at an instant. */
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
      /** Since the oldest commit that is undecided was put on the queue; null while none waits. */
      readonly oldestCommitSeconds: number | null;
    }
  | {
      readonly atMs: number;
      readonly kind: 'pods';
      readonly deployment: string;
      readonly ready: number;
      /** Who counted them: several may, and each has its own delay. */
      readonly by: string;
    }
  | {
      /** What somebody else keeps, asked for when the run was over. */
      readonly atMs: number;
      readonly kind: 'figure';
      readonly source: string;
      readonly figure: string;
      /** Which of several, such as a service or a cache; empty where there is one. */
      readonly of: string;
      readonly value: number;
      /** What its alarm compares it with. */
      readonly alarm?: Alarm;
    }
  | { readonly atMs: number; readonly kind: 'gap'; readonly source: string; readonly why: string };

/** When an alarm over a figure would ring. */
export interface Alarm {
  readonly comparison: 'above' | 'below';
  readonly threshold: number;
}

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
