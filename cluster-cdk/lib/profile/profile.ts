import type { RegionName } from './region.ts';

export type ProfileName = 'dev' | 'staging' | 'production';

/** How large and how guarded a deployment is. */
export interface Profile {
  readonly name: ProfileName;
  readonly regions: readonly RegionName[];
  /** Availability zones used; Aurora's writer and reader need two. */
  readonly zones: 2 | 3;
  /** 0: no way out of the network but through endpoints. */
  readonly natGateways: number;
  /** Stateful stacks and stores refuse deletion. */
  readonly protectsData: boolean;
  readonly logRetentionDays: 7 | 30 | 90;
  readonly backupDays: number;
  /** Aurora capacity units, in steps of 0.5; a minimum of 0 lets the cluster pause when nobody is connected. */
  readonly aurora: {
    readonly minAcu: number;
    readonly maxAcu: number;
    readonly readers: number;
    /** What Aurora sets max_connections to at this maximum; at most 2,000 where the minimum is 0 or 0.5. */
    readonly maxConnections: number;
  };
  readonly cache: { readonly nodeType: string; readonly shards: number; readonly replicasPerShard: number };
  /** Requests of one address in five minutes before the firewall refuses it; a carrier's NAT puts thousands behind one. */
  readonly requestsPerAddress: number;
  /** The same for the payment provider's events, of which one sale sends hundreds of thousands. */
  readonly callbacksPerAddress: number;
  readonly monthlyBudgetUsd: number;
}

/** The three profiles. */
export const profiles: Readonly<Record<ProfileName, Profile>> = {
  dev: {
    name: 'dev',
    regions: ['ap-northeast-1'],
    zones: 2,
    natGateways: 0,
    protectsData: false,
    logRetentionDays: 7,
    backupDays: 1,
    aurora: { minAcu: 0, maxAcu: 4, readers: 0, maxConnections: 823 },
    cache: { nodeType: 'cache.t4g.micro', shards: 1, replicasPerShard: 0 },
    requestsPerAddress: 10_000,
    callbacksPerAddress: 10_000,
    monthlyBudgetUsd: 300,
  },
  staging: {
    name: 'staging',
    regions: ['ap-northeast-1'],
    zones: 2,
    natGateways: 1,
    protectsData: true,
    logRetentionDays: 30,
    backupDays: 7,
    aurora: { minAcu: 0.5, maxAcu: 32, readers: 1, maxConnections: 2000 },
    cache: { nodeType: 'cache.r7g.large', shards: 3, replicasPerShard: 1 },
    requestsPerAddress: 100_000,
    callbacksPerAddress: 2_000_000,
    monthlyBudgetUsd: 2500,
  },
  production: {
    name: 'production',
    regions: ['ap-northeast-1', 'ap-northeast-2'],
    zones: 3,
    natGateways: 3,
    protectsData: true,
    logRetentionDays: 90,
    backupDays: 14,
    aurora: { minAcu: 2, maxAcu: 128, readers: 1, maxConnections: 5000 },
    cache: { nodeType: 'cache.r7g.large', shards: 6, replicasPerShard: 1 },
    requestsPerAddress: 20_000,
    callbacksPerAddress: 2_000_000,
    monthlyBudgetUsd: 12_000,
  },
};
