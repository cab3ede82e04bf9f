import { k6Options } from './k6-options.ts';
import { durationSeconds, peakRps, type Profile } from './profile.ts';

/** A runner's size, as the chart's values have it, and what k6 took in a smoke run on two cores (docs/loadtest.md). */
export const runnerBudget = {
  cpu: 4,
  memoryMi: 7936,
  /** A runner that has no processor to spare measures its own waiting. */
  usableShare: 0.6,
  cpuMsPerRequest: 1.2,
  /** Of a virtual user, with its copy of the script. */
  memoryMiPerUser: 0.63,
  /** k6 keeps every value of a trend until it ends. */
  memoryBytesPerRequest: 200,
} as const;

/** How many runners a profile takes, and what each is left with. */
export interface RunnerPlan {
  readonly runners: number;
  /** What was reckoned, a line each. */
  readonly reasons: readonly string[];
}

/** Divides a profile among runners, by processor and by memory; `asked` sets their number by hand. */
export function planRunners(profile: Profile, asked?: number): RunnerPlan {
  const { cpu, memoryMi, usableShare, cpuMsPerRequest, memoryMiPerUser, memoryBytesPerRequest } =
    runnerBudget;
  const rps = peakRps(profile);
  const rpsPerRunner = Math.floor((cpu * usableShare * 1000) / cpuMsPerRequest);
  const byProcessor = Math.ceil(rps / rpsPerRunner);
  const users = Object.values(k6Options(profile).scenarios).reduce(
    (sum, one) => sum + one.preAllocatedVUs,
    0,
  );
  const requests = profile.steps.reduce(
    (sum, step) => sum + ((step.rps + (step.fromRps ?? step.rps)) / 2) * step.seconds,
    0,
  );
  const neededMi = users * memoryMiPerUser + (requests * memoryBytesPerRequest) / 2 ** 20;
  const byMemory = Math.ceil(neededMi / (memoryMi * usableShare));
  const runners = asked ?? Math.max(byProcessor, byMemory);
  const share = `${usableShare * 100} % of`;
  return {
    runners,
    reasons: [
      `${runners} runners of ${cpu} CPU and ${memoryMi} MiB${asked === undefined ? '' : ', as asked'}, for ${(durationSeconds(profile) / 60).toFixed(0)} min`,
      `by processor ${byProcessor}: ${rps} requests/s at the peak, ${rpsPerRunner} a runner (${cpuMsPerRequest} ms each, ${share} ${cpu} CPU)`,
      `by memory ${byMemory}: ${users} virtual users, ${Math.round(requests)} requests, ${Math.round(neededMi)} MiB in all (${share} ${memoryMi} MiB a runner)`,
    ],
  };
}
