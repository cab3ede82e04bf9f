import { setTimeout as delay } from 'node:timers/promises';
import { cpuTimeUs } from './processor.ts';
import { type StoreMeter, usedBetween } from './store-cpu.ts';

/** One of the two that are compared. */
export interface Side {
  readonly pids: readonly number[];
  /** Lets the servers work for about this long, or on what was made ready for the round; resolves with how many requests. */
  run(forMs: number): Promise<number>;
}

export interface Sample {
  /** CPU of the servers for one request, microseconds, what they do after the answer included. */
  readonly usPerRequest: number;
  /** CPU of the stores for one request, microseconds. */
  readonly redisUs: number;
  readonly postgresUs: number;
  readonly requests: number;
  /** Share of the time in which the servers were at work: near 1, the load was more than they could take. */
  readonly busy: number;
}

/** Background work of an idle process stays below this in a look's time. */
const quietUs = 1500;
const lookMs = 40;
const quietDeadlineMs = 5000;

/** Runs one side once. */
export async function sample(side: Side, forMs: number, stores: StoreMeter): Promise<Sample> {
  const cpu = () => side.pids.reduce((sum, pid) => sum + cpuTimeUs(pid), 0);
  await quiet(cpu);
  const storesBefore = await stores.look();
  const cpuBefore = cpu();
  const beganAt = performance.now();
  const requests = await side.run(forMs);
  const elapsedMs = performance.now() - beganAt;
  const busy = (cpu() - cpuBefore) / 1000 / elapsedMs;
  // What was answered before it was all done is paid for as well.
  await quiet(cpu);
  const usPerRequest = (cpu() - cpuBefore) / requests;
  const { redisUs, postgresUs } = usedBetween(storesBefore, await stores.look());
  return {
    usPerRequest,
    redisUs: redisUs / requests,
    postgresUs: postgresUs / requests,
    requests,
    busy,
  };
}

/** Several samples of a side as one. */
export function together(samples: readonly Sample[]): Sample {
  const requests = samples.reduce((sum, one) => sum + one.requests, 0);
  const mean = (of: (one: Sample) => number) =>
    samples.reduce((sum, one) => sum + of(one) * one.requests, 0) / requests;
  return {
    usPerRequest: mean((one) => one.usPerRequest),
    redisUs: mean((one) => one.redisUs),
    postgresUs: mean((one) => one.postgresUs),
    requests,
    busy: mean((one) => one.busy),
  };
}

async function quiet(cpu: () => number): Promise<void> {
  const endsAt = performance.now() + quietDeadlineMs;
  for (let before = cpu(); performance.now() < endsAt; ) {
    await delay(lookMs);
    const now = cpu();
    if (now - before < quietUs) return;
    before = now;
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
