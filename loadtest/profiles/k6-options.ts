import type { Flow, Profile } from './profile.ts';
import { iterationsPerSecond } from './profile.ts';

/** APIs by the name their requests are tagged with, and so judged and reported by. */
export const apis = [
  'enter',
  'room-status',
  'summary',
  'seats',
  'hold',
  'payment-intent',
  'read-intent',
  'commit',
  'status',
  'orders',
] as const;

export type Api = (typeof apis)[number];

interface Threshold {
  readonly threshold: string;
  readonly abortOnFail?: boolean;
  readonly delayAbortEval?: string;
}

/** A scenario of k6; `step` and `flow` tag everything it measures. */
export interface Scenario {
  readonly executor: 'constant-arrival-rate' | 'ramping-arrival-rate';
  readonly exec: Flow;
  readonly startTime: string;
  readonly timeUnit: string;
  readonly preAllocatedVUs: number;
  readonly maxVUs: number;
  readonly gracefulStop: string;
  readonly tags: { readonly step: string; readonly flow: Flow };
  readonly rate?: number;
  readonly duration?: string;
  readonly startRate?: number;
  readonly stages?: readonly { readonly target: number; readonly duration: string }[];
}

/** What k6 is to do for a profile. A rate is whole, so it is given per minute. */
export function k6Options(profile: Profile): {
  scenarios: Record<string, Scenario>;
  thresholds: Record<string, Threshold[]>;
} {
  const scenarios: Record<string, Scenario> = {};
  let startSeconds = 0;
  for (const step of profile.steps) {
    for (const flow of Object.keys(step.mix) as Flow[]) {
      const perMinute = (rps: number) => Math.max(1, Math.round(iterationsPerSecond(rps, step, flow) * 60));
      const vus = virtualUsers(iterationsPerSecond(Math.max(step.rps, step.fromRps ?? 0), step, flow), flow);
      const common = {
        exec: flow,
        startTime: `${startSeconds}s`,
        timeUnit: '1m',
        ...vus,
        gracefulStop: `${profile.orderWithinSeconds + 10}s`,
        tags: { step: step.name, flow },
      };
      scenarios[`${step.name}-${flow}`] =
        step.fromRps === undefined
          ? {
              executor: 'constant-arrival-rate',
              rate: perMinute(step.rps),
              duration: `${step.seconds}s`,
              ...common,
            }
          : {
              executor: 'ramping-arrival-rate',
              startRate: perMinute(step.fromRps),
              stages: [{ target: perMinute(step.rps), duration: `${step.seconds}s` }],
              ...common,
            };
    }
    startSeconds += step.seconds;
  }
  return { scenarios, thresholds: thresholdsOf(profile) };
}

/**
 * Virtual users by Little's law, for iterations that take the time they may: a whole purchase waits for its turn. Some over,
 * because an iteration is dropped while k6 is still making the user for it.
 */
function virtualUsers(perSecond: number, flow: Flow): { preAllocatedVUs: number; maxVUs: number } {
  const secondsEach = flow === 'journey' || flow === 'race' ? 4 : 0.4;
  const preAllocatedVUs = Math.ceil(perSecond * secondsEach) + 30;
  return { preAllocatedVUs, maxVUs: preAllocatedVUs * 3 };
}

/** A wrong sale ends a run at once; a broken target after the profile's patience; a rate not kept fails it. */
function thresholdsOf({ steps, targets }: Profile): Record<string, Threshold[]> {
  const stops = { abortOnFail: true, delayAbortEval: `${targets.stopAfterSeconds}s` };
  const atOnce = { abortOnFail: true, delayAbortEval: '0s' };
  const p95 = `p(95)<${targets.p95Ms}`;
  const thresholds: Record<string, Threshold[]> = {
    double_sold: [{ threshold: 'count<1', ...atOnce }],
    lost_orders: [{ threshold: 'count<1' }],
    orders_confirmed: [{ threshold: 'count>0' }],
    server_errors: [{ threshold: `rate<${targets.serverErrorShare}`, ...stops }],
    dropped_iterations: [{ threshold: 'count<1', ...stops }],
    checks: [{ threshold: `rate>${targets.successShare}` }],
    http_req_duration: [{ threshold: p95, ...stops }],
  };
  for (const step of steps.filter(({ isJudged }) => isJudged)) {
    thresholds[`http_req_duration{step:${step.name}}`] = [{ threshold: p95 }];
  }
  const flows = new Set(steps.flatMap(({ mix }) => Object.keys(mix) as Flow[]));
  for (const api of apis.filter((one) => usersOf[one].some((flow) => flows.has(flow)))) {
    thresholds[`http_req_duration{api:${api}}`] = [{ threshold: p95 }];
  }
  return thresholds;
}

/** Which flows call an API: a threshold without samples would say "passed" of what never ran. */
const usersOf: Readonly<Record<Api, readonly Flow[]>> = {
  enter: ['journey', 'arrival', 'race'],
  'room-status': ['journey', 'arrival', 'race'],
  summary: ['reads'],
  seats: ['reads', 'race'],
  hold: ['journey', 'race'],
  'payment-intent': ['confirm', 'journey', 'race'],
  'read-intent': ['confirm'],
  commit: ['journey', 'race'],
  status: ['journey', 'race'],
  orders: ['journey'],
};
