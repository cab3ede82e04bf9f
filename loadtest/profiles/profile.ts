/** What an iteration of k6 does. Pure data here: k6, the command line and the charts read the same table. */
export type Flow = 'reads' | 'confirm' | 'journey' | 'arrival' | 'race';

/** Requests an iteration sends on a quiet system; rates are given in requests and turned into iterations by these. */
export const requestsPerIteration: Readonly<Record<Flow, number>> = {
  // A summary or a seat map.
  reads: 1,
  // An intent, and a look at it.
  confirm: 2,
  // enter, room-status, hold, intent, commit, two looks at the order, the list of orders.
  journey: 8,
  // enter and room-status.
  arrival: 2,
  // Two buyers enter, wait, look and hold; one of them buys, at times.
  race: 7,
};

/** Shares of the requests, adding up to 1. */
export type Mix = Readonly<Partial<Record<Flow, number>>>;

/** A time of one rate. */
export interface Step {
  readonly name: string;
  readonly seconds: number;
  /** Requests per second, over all flows and all runners. */
  readonly rps: number;
  /** The rate it rises or falls from, evenly; without it the rate is constant. */
  readonly fromRps?: number;
  readonly mix: Mix;
  /** Steps that prepare or cool down: no target is judged on them. */
  readonly isJudged: boolean;
}

/** What is promised, and where a run ends early. */
export interface Targets {
  /** p95 of every API, milliseconds. */
  readonly p95Ms: number;
  /** Share of answers with a status of 500 or more, or none at all. */
  readonly serverErrorShare: number;
  /** Share of answers that are as they should be. */
  readonly successShare: number;
  /** A run whose targets are broken ends after this long; before it nothing ends a run but a wrong sale. */
  readonly stopAfterSeconds: number;
}

/** A load test, from its first request to its last. */
export interface Profile {
  readonly name: string;
  readonly description: string;
  readonly steps: readonly Step[];
  readonly targets: Targets;
  /** Seats of the section that rivals race for. */
  readonly lastSeats: number;
  /** The longest that an answer to commit may take to become an order, seconds. */
  readonly orderWithinSeconds: number;
  /** Seconds before the sale opens at which arrivals begin; 0 where the sale is open already. */
  readonly opensInSeconds: number;
}

/** Iterations per second of a flow in a step. */
export function iterationsPerSecond(rps: number, step: Step, flow: Flow): number {
  return (rps * (step.mix[flow] ?? 0)) / requestsPerIteration[flow];
}

export function durationSeconds(profile: Profile): number {
  return profile.steps.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** The highest rate that a profile asks for, requests per second. */
export function peakRps(profile: Profile): number {
  return Math.max(...profile.steps.flatMap(({ rps, fromRps = 0 }) => [rps, fromRps]));
}

/** How often a flow is run over the whole profile, rounded up. */
export function iterationsOf(profile: Profile, flow: Flow): number {
  return Math.ceil(
    profile.steps.reduce(
      (sum, step) =>
        sum + iterationsPerSecond((step.rps + (step.fromRps ?? step.rps)) / 2, step, flow) * step.seconds,
      0,
    ),
  );
}
