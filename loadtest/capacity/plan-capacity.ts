import {
  gigabytesPerLoadBalancerUnit,
  limits,
  podsLaunchedPerSecond,
  type Region,
  vcpuPerAuroraUnit,
} from './limits.ts';
import type { StepCost } from './step-costs.ts';
import { originRates, type Step, type Traffic } from './traffic.ts';

export interface CapacityInput {
  readonly traffic: Traffic;
  readonly region: Region;
  readonly costs: Readonly<Record<Step, StepCost>>;
  /** Speed of a vCPU of Fargate, Aurora and ElastiCache beside the measured core. */
  readonly vcpuSpeed: number;
  /** Share of a processor that is planned to be busy; the rest is for peaks within the second. */
  readonly busy: number;
}

/** A part of the system: how much of it is needed, and how much there can be. */
export interface Need {
  readonly part: string;
  readonly need: number;
  readonly unit: string;
  /** Absent where more can always be had. */
  readonly limit?: number;
  /** Whether AWS raises the limit on request. */
  readonly canBeRaised?: boolean;
}

export interface CapacityPlan {
  readonly needs: readonly Need[];
  readonly pods: { readonly publicApi: number; readonly confirmApi: number; readonly confirmWorker: number };
  readonly auroraUnits: number;
  readonly loadBalancerUnits: number;
  /** Until all pods are started from none, by the launch rate alone; their own start comes on top. */
  readonly launchSeconds: number;
}

/** Requests per second of a pod the autoscaler scales by. */
const requestsPerPod = 800;
/** Never fewer: a replica in each of two zones. */
const leastPods = 2;
const kilobytesPerAnswer = 2;
/** Items written for a purchase of one hold: held, committing and closed are put, the first two removed. */
const writesOfPurchase = 5;
/** Hash tags an event's sections are spread over at most. */
const seatBuckets = 16;
/** The commit's sender gathers this long, and a call takes ten messages. */
const gatherSeconds = 0.002;
const messagesPerCall = 10;

/** What a sale needs of each part. Pure: from rates, measured costs and limits alone. */
export function planCapacity({ traffic, region, costs, vcpuSpeed, busy }: CapacityInput): CapacityPlan {
  const rates = originRates(traffic);
  const { purchasesPerSecond } = traffic;
  const steps = Object.keys(rates) as Step[];
  const used = (of: keyof StepCost, some: readonly Step[] = steps) =>
    some.reduce((sum, step) => sum + rates[step] * costs[step][of], 0) / 1e6 / vcpuSpeed;
  const cores = (load: number) => load / busy;
  const api = (some: readonly Step[]) =>
    Math.max(
      leastPods,
      Math.ceil(cores(used('serverUs', some))),
      Math.ceil(some.reduce((sum, step) => sum + rates[step], 0) / requestsPerPod),
    );
  const pods = {
    publicApi: api(['room-status', 'summary', 'seats', 'enter', 'hold']),
    confirmApi: api(['intent', 'commit']),
    confirmWorker: Math.max(leastPods, Math.ceil(cores(used('serverUs', ['settle'])))),
  };
  const allPods = pods.publicApi + pods.confirmApi + pods.confirmWorker;
  const seatSteps: readonly Step[] = ['hold', 'commit', 'settle'];
  const buckets = Math.min(traffic.sections, seatBuckets);
  const auroraUnits = Math.ceil((2 * cores(used('postgresUs'))) / vcpuPerAuroraUnit) / 2;
  const origin = steps.filter((step) => step !== 'settle').reduce((sum, step) => sum + rates[step], 0);
  const loadBalancerUnits = Math.ceil(
    (origin * kilobytesPerAnswer * 3600) / 1e6 / gigabytesPerLoadBalancerUnit,
  );
  // More pods send less each, and so gather fewer messages a call.
  const gathered = Math.min(messagesPerCall, 1 + (purchasesPerSecond / pods.confirmApi) * gatherSeconds);
  const sendCalls = purchasesPerSecond / gathered;
  const writes = purchasesPerSecond * writesOfPurchase;
  const needs: Need[] = [
    {
      part: 'CloudFront',
      need: traffic.requestsPerSecond,
      unit: 'requests/s',
      limit: limits.distributionRequests,
      canBeRaised: true,
    },
    { part: 'load balancer', need: loadBalancerUnits, unit: 'capacity units reserved' },
    {
      part: 'public-api',
      need: pods.publicApi,
      unit: 'pods',
      limit: limits.targetsPerGroup,
      canBeRaised: true,
    },
    {
      part: 'confirm-api',
      need: pods.confirmApi,
      unit: 'pods',
      limit: limits.targetsPerGroup,
      canBeRaised: true,
    },
    { part: 'confirm-worker', need: pods.confirmWorker, unit: 'pods' },
    { part: 'Fargate', need: allPods, unit: 'pods', limit: limits.fargatePods, canBeRaised: true },
    { part: 'Redis, all', need: Math.max(1, Math.ceil(cores(used('redisUs')))), unit: 'shards' },
    {
      part: "Redis, an event's fullest slot",
      need: used('redisUs', seatSteps) / buckets,
      unit: 'of a thread',
      limit: busy,
    },
    {
      part: 'DynamoDB table',
      need: writes,
      unit: 'write units/s',
      limit: limits.tableWrites,
      canBeRaised: true,
    },
    {
      part: 'DynamoDB, a partition',
      // A section of 1,000 seats or fewer has one partition key; larger ones have more.
      need: writes / traffic.sections,
      unit: 'write units/s',
      limit: limits.partitionWrites,
    },
    {
      part: 'SQS, sending',
      need: sendCalls,
      unit: 'calls/s',
      limit: limits.queueCalls[region],
      canBeRaised: true,
    },
    { part: 'Aurora writer', need: auroraUnits, unit: 'ACU', limit: limits.auroraUnits },
  ];
  return {
    needs,
    pods,
    auroraUnits,
    loadBalancerUnits,
    launchSeconds: Math.ceil(allPods / podsLaunchedPerSecond),
  };
}

/** The requests per second at which each limit is reached, with everything else in proportion; the first breaks first. */
export function whatBreaks(
  input: CapacityInput,
): { readonly part: string; readonly atRequestsPerSecond: number; readonly canBeRaised: boolean }[] {
  const planAt = (factor: number) =>
    planCapacity({
      ...input,
      traffic: {
        ...input.traffic,
        requestsPerSecond: input.traffic.requestsPerSecond * factor,
        purchasesPerSecond: input.traffic.purchasesPerSecond * factor,
      },
    });
  const exceeds = (part: string, factor: number) => {
    const { need, limit } = planAt(factor).needs.find((one) => one.part === part)!;
    return need > limit!;
  };
  return planCapacity(input)
    .needs.filter(({ limit }) => limit !== undefined)
    .map(({ part, canBeRaised = false }) => {
      let [low, high] = [0, 1];
      while (!exceeds(part, high) && high < 1e6) [low, high] = [high, high * 2];
      while (high - low > 1e-3 * high) {
        const middle = (low + high) / 2;
        if (exceeds(part, middle)) high = middle;
        else low = middle;
      }
      return { part, atRequestsPerSecond: low * input.traffic.requestsPerSecond, canBeRaised };
    })
    .sort((one, other) => one.atRequestsPerSecond - other.atRequestsPerSecond);
}
