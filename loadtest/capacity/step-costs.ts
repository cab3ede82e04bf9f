import { readFile } from 'node:fs/promises';
import type { Step } from './traffic.ts';

/** CPU of one request, microseconds of the measured core: the server's and the stores'. */
export interface StepCost {
  readonly serverUs: number;
  readonly redisUs: number;
  readonly postgresUs: number;
}

export interface Measured {
  readonly at: string;
  readonly processor: string;
  readonly costs: Readonly<Record<Step, StepCost>>;
}

/** The row of the bench that measures a step. */
const rowOf: Readonly<Record<Step, string>> = {
  'room-status': 'room-status',
  summary: 'summary',
  seats: 'seats',
  enter: 'enter',
  hold: 'hold',
  intent: 'intent',
  commit: 'commit',
  settle: 'worker',
};

interface BenchResult {
  readonly at: string;
  readonly processor: string;
  readonly rows: readonly {
    readonly name: string;
    readonly ours: number;
    readonly redisUs: number;
    readonly postgresUs: number;
  }[];
}

/** Reads what `npm run bench -- --json <file>` wrote. Rejects naming the rows that are missing. */
export async function readStepCosts(file: string | URL): Promise<Measured> {
  const { at, processor, rows } = JSON.parse(await readFile(file, 'utf8')) as BenchResult;
  const missing = Object.values(rowOf).filter((name) => !rows.some((row) => row.name === name));
  if (missing.length > 0)
    throw new Error(`${String(file)} lacks the rows ${missing.join(', ')}: run the whole bench`);
  const costs = Object.entries(rowOf).map(([step, name]): [Step, StepCost] => {
    const { ours, redisUs, postgresUs } = rows.find((row) => row.name === name)!;
    return [step as Step, { serverUs: ours, redisUs, postgresUs }];
  });
  return { at, processor, costs: Object.fromEntries(costs) as Record<Step, StepCost> };
}
