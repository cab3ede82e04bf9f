/** A scaled object in the cluster: `namespace/kind/name`. */
export type TargetKey = string;

/** What one sale asks of one target. */
export interface TargetDemand {
  readonly target: TargetKey;
  readonly rpsPerPod: number;
  readonly headroomPercent: number;
  /** Pods kept whatever the load says. */
  readonly floor: number;
  /** The most pods this sale may ask for. */
  readonly ceiling: number;
}

/** A lever that is pulled before the pods: the load balancer's capacity or a database's. */
export type DataLever = 'alb' | 'aurora' | 'dynamodb';

export type SaleOpening =
  | {
      readonly kind: 'once';
      readonly roomOpensAtMs: number;
      readonly opensAtMs: number;
      readonly closesAtMs: number;
    }
  | { readonly kind: 'windows' };

/** What the operator must remember of an earlier look, read back from the status it wrote itself. */
export interface SaleMemory {
  /** Warming for this opening began; a shorter lead learned later, or a clock that went back, never takes it back. */
  readonly warming?: { readonly opensAtMs: number; readonly startedAtMs: number } | undefined;
  /** Pods asked for when `suspend` was set. */
  readonly suspension?: { readonly parts: ReadonlyMap<TargetKey, number> } | undefined;
  /** The opening decided under WhenConfirmed, for this planned opening. */
  readonly opening?: { readonly plannedAtMs: number; readonly opensAtMs: number } | undefined;
}

/** One TicketEvent as the planner sees it: numbers only, defaults filled in. */
export interface SaleDemand {
  /** `namespace/name`. */
  readonly key: string;
  readonly homeRegion: string;
  readonly opening: SaleOpening;
  readonly peakRps: number;
  readonly targets: readonly TargetDemand[];
  readonly dataLevers: readonly DataLever[];
  readonly readyBeforeMs: number;
  readonly leadOverrideMs: number | undefined;
  /** How long after opening the floors stay whole; they step down from then, or from closing if that is earlier. */
  readonly holdAfterOpenMs: number;
  readonly drain: { readonly stepPercent: number; readonly intervalMs: number };
  readonly openPolicy:
    | { readonly mode: 'OnTime' }
    | { readonly mode: 'WhenConfirmed'; readonly maxDelayMs: number };
  readonly suspend: boolean;
  readonly dryRun: boolean;
  readonly deleting: boolean;
  readonly memory: SaleMemory;
}

/** What the cluster says of a target. */
export interface ObservedTarget {
  /** The chart's minimum, from the annotation `onsale.dev/baseline`. */
  readonly baseline: number;
  /** maxReplicas or maxReplicaCount as it stands: the API refuses a minimum above it. */
  readonly liveMax: number;
}

/** Seconds the cluster was seen to take; each is used where it exceeds the default. */
export interface LearnedTimes {
  readonly podStartMs: number;
  readonly registrationMs: number;
}

/** Everything a plan follows from; the same input gives the same plan. */
export interface FleetInput {
  readonly nowMs: number;
  /** The Region this operator serves; sales whose home is elsewhere are left to that Region's operator. */
  readonly region: string;
  readonly sales: readonly SaleDemand[];
  readonly targets: ReadonlyMap<TargetKey, ObservedTarget>;
  readonly learned: LearnedTimes;
}
