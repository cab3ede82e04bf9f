import type { Lab } from './lab.ts';
import { median, sample, type Sample, type Side } from './side.ts';

/** One line of the result: ours beside what it is measured by. */
export interface Row {
  readonly name: string;
  /** What is compared with what, for people. */
  readonly title: string;
  /** The share of the baseline to reach, or the most microseconds. */
  readonly aim: { readonly share: number } | { readonly maxUs: number };
  /** Prepares, and returns the sides; of what is counted it makes `scale` times as much a round as usual. */
  open(lab: Lab, scale: number): Promise<Sides>;
}

export interface Sides {
  /** Absent where the aim is in microseconds. */
  readonly base?: Side;
  readonly ours: Side;
  /** Before each round, not measured. */
  ready?(): Promise<void>;
}

export interface RowResult {
  readonly name: string;
  readonly title: string;
  readonly aim: number;
  readonly unit: 'share' | 'us';
  readonly baseUs: number | undefined;
  readonly ours: number;
  readonly share: number | undefined;
  /** CPU of the stores for one of our requests, microseconds. */
  readonly redisUs: number;
  readonly postgresUs: number;
  /** Of the rounds: the lowest and the highest share. */
  readonly spread: readonly [number, number] | undefined;
  readonly requests: number;
  readonly busy: number;
  readonly isMet: boolean;
}

export interface Plan {
  readonly rounds: number;
  readonly seconds: number;
  /** Part of the usual number of requests that can be made only once. */
  readonly scale: number;
}

/**
 * Until all that is hot has been compiled: the first 12,000 holds of a process cost up to twice what later ones do, a fifth of it
 * in V8's own threads.
 */
const warmUpRequests = 20_000;
/** Where preparing so many would take minutes, so many rounds do. */
const warmUpRounds = 4;

/** Runs a row: both sides by turns in each round, medians over the rounds that follow warming up. */
export async function measureRow(
  row: Row,
  lab: Lab,
  plan: Plan,
  report: (text: string) => void,
): Promise<RowResult> {
  report('preparing');
  const sides = await row.open(lab, plan.scale);
  const base: Sample[] = [];
  const ours: Sample[] = [];
  let warmed = 0;
  for (let round = 1 - warmUpRounds; round <= plan.rounds; round++) {
    // Reads make enough requests in one round.
    if (round <= 0 && warmed >= warmUpRequests) continue;
    report(round <= 0 ? 'warming up' : `round ${round} of ${plan.rounds}`);
    await sides.ready?.();
    const forMs = plan.seconds * 1000 * (round <= 0 ? 2 : 1);
    const pair = async (side: Side | undefined, samples: Sample[]) => {
      if (side) samples.push(await sample(side, forMs, lab.stores));
    };
    // By turns the first: whatever the first of a pair suffers, both do.
    if (round % 2) await pair(sides.ours, ours);
    await pair(sides.base, base);
    if (round % 2 === 0) await pair(sides.ours, ours);
    if (round <= 0) {
      base.length = 0;
      warmed += ours.pop()!.requests;
    }
  }
  const usOf = (samples: readonly Sample[]) => median(samples.map((one) => one.usPerRequest));
  const shares = base.map((one, index) => one.usPerRequest / ours[index]!.usPerRequest);
  const share = shares.length > 0 ? median(shares) : undefined;
  const oursUs = usOf(ours);
  const aim = 'share' in row.aim ? row.aim.share : row.aim.maxUs;
  return {
    name: row.name,
    title: row.title,
    aim,
    unit: 'share' in row.aim ? 'share' : 'us',
    baseUs: base.length > 0 ? usOf(base) : undefined,
    ours: oursUs,
    share,
    spread: share === undefined ? undefined : [Math.min(...shares), Math.max(...shares)],
    redisUs: median(ours.map((one) => one.redisUs)),
    postgresUs: median(ours.map((one) => one.postgresUs)),
    requests: ours.reduce((sum, one) => sum + one.requests, 0),
    busy: median(ours.map((one) => one.busy)),
    isMet: share === undefined ? oursUs <= aim : share >= aim,
  };
}
