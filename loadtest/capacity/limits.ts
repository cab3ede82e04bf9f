/** AWS Regions a sale runs in. */
export type Region = 'ap-northeast-1' | 'ap-northeast-2';

/** What AWS gives by default, and what it raises on request. Source: the services' quota pages. */
export const limits = {
  /** Requests per second of a CloudFront distribution; raised on request. */
  distributionRequests: 250_000,
  /** Targets of a target group; raised on request. */
  targetsPerGroup: 1000,
  /** SQS FIFO in high-throughput mode: calls per second of each API; a call carries ten messages at most. */
  queueCalls: { 'ap-northeast-1': 9000, 'ap-northeast-2': 2400 } satisfies Record<Region, number>,
  /** Write units per second of a DynamoDB table; raised on request. */
  tableWrites: 40_000,
  /** Write units per second of a partition; a key that is written more waits. */
  partitionWrites: 1000,
  /** Aurora capacity units of a writer. */
  auroraUnits: 256,
  /** Fargate pods of one vCPU that may run at once; the quota of a new account is far lower, and raised on request. */
  fargatePods: 4000,
} as const;

/** Pods of Fargate an account may launch per second in a Region. */
export const podsLaunchedPerSecond = 20;
/** An Aurora capacity unit has 2 GiB; instances of that memory have this much of a vCPU for it. */
export const vcpuPerAuroraUnit = 0.25;
/** Gigabytes an hour that one load balancer capacity unit carries; requests of this size meet this bound first. */
export const gigabytesPerLoadBalancerUnit = 1;
