import type { Lab } from './lab.ts';
import { median, sample, type Sample, type Side, together } from './side.ts';

/** One line of the result: ours beside what it is measured by. */
export interface Row {
  readonly name: string;
  /** What is compared with what, for people. */
  readonly title: string;
  /** The share of the baseline to reach, or the most microseconds. */
  readonly aim: { readonly share: number } | { readonly maxUs: number };
  /** Prepares, and returns the sides; of what can be made only once it makes `scale` times as much a turn as usual. */
  open(lab: Lab, scale: number): Promise<Sides>;
}

export interface Sides {
  /** Absent where the aim is in microseconds. */
  readonly base?: Side;
  readonly ours: Side;
  /** Before each turn, not measured. */
  ready?(): Promise<void>;
  /** After the last one. */
  done?(): Promise<void>;
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
  /**
   * How often both sides are measured in a round, one right after the other. What neighbours take from this machine changes
   * within seconds: the shorter the turns, the more alike it meets both. A round sums up its turns, so that a major
   * collection of garbage, which few turns see, counts for what it is.
   */
  readonly turns: number;
  /** How long each side of a read is measured in a round. */
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

/** The same row of two checkouts: the other one's services are what ours are measured by. */
export function rowAgainst(row: Row, other: Lab): Row {
  return {
    ...row,
    aim: { share: 1 },
    async open(lab, scale) {
      const [ours, theirs] = [await row.open(lab, scale), await row.open(other, scale)];
      return {
        base: theirs.ours,
        ours: ours.ours,
        ready: async () => {
          await theirs.ready?.();
          await ours.ready?.();
        },
        done: async () => {
          await theirs.done?.();
          await ours.done?.();
        },
      };
    },
  };
}

/** Runs a row: both sides by turns, medians over the rounds that follow warming up. */
export async function measureRow(
  row: Row,
  lab: Lab,
  plan: Plan,
  report: (text: string) => void,
): Promise<RowResult> {
  report('preparing');
  const sides = await row.open(lab, plan.scale / plan.turns);
  const base: Sample[] = [];
  const ours: Sample[] = [];
  let warmed = 0;
  for (let round = 1 - warmUpRounds; round <= plan.rounds; round++) {
    // Reads make enough requests in one round.
    if (round <= 0 && warmed >= warmUpRequests) continue;
    report(round <= 0 ? 'warming up' : `round ${round} of ${plan.rounds}`);
    const turns = { base: [] as Sample[], ours: [] as Sample[] };
    for (let turn = 0; turn < plan.turns; turn++) {
      await sides.ready?.();
      const forMs = (plan.seconds * 1000 * (round <= 0 ? 2 : 1)) / plan.turns;
      // Turn about, who comes first.
      for (const name of turn % 2 ? (['base', 'ours'] as const) : (['ours', 'base'] as const)) {
        const side = sides[name];
        if (side) turns[name].push(await sample(side, forMs, lab.stores));
      }
    }
    const own = together(turns.ours);
    if (round <= 0) {
      warmed += own.requests;
      continue;
    }
    ours.push(own);
    if (sides.base) base.push(together(turns.base));
  }
  await sides.done?.();
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
