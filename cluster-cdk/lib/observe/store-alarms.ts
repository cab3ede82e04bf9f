import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { HttpCodeElb, HttpCodeTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { DataStack } from '../data-stack.ts';
import type { EntryStack } from '../entry-stack.ts';
import type { Profile } from '../profile/profile.ts';
import { apis } from '../workloads.ts';

/** An alarm over what AWS measures about a resource of these stacks. */
export interface StoreAlarm {
  /** Heading in docs/runbook.md. */
  readonly name: string;
  readonly metric: IMetric;
  readonly threshold: number;
  /** Tells alarms of one heading apart. */
  readonly part?: string;
  /** Fires below the threshold, and when nothing is measured. */
  readonly below?: true;
  readonly minutes: number;
}

/** Alarms of load balancer, queue, cache and database. */
export function storeAlarms(data: DataStack, entry: EntryStack, profile: Profile): readonly StoreAlarm[] {
  const period = Duration.minutes(1);
  const { loadBalancer, targetGroups } = entry;
  const { queue, deadLetters } = data.commits;
  const { cluster } = data.database;
  const { shards, replicasPerShard } = profile.cache;
  // ElastiCache measures nodes, not the group they make: 0002-001 is the first node of the second shard. An alarm's
  // expression takes ten metrics at most, so each alarm looks at one node of every shard.
  const cacheAlarms = (
    name: string,
    metricName: string,
    statistic: string,
    at: Pick<StoreAlarm, 'threshold' | 'minutes'>,
  ) =>
    Array.from({ length: 1 + replicasPerShard }, (_, member): StoreAlarm => {
      const part = String(member + 1).padStart(3, '0');
      const usingMetrics = Object.fromEntries(
        Array.from({ length: shards }, (_, shard) => [
          `shard${shard + 1}`,
          new Metric({
            namespace: 'AWS/ElastiCache',
            metricName,
            dimensionsMap: {
              CacheClusterId: `${data.cache.group.ref}-${String(shard + 1).padStart(4, '0')}-${part}`,
            },
            statistic,
            period,
          }),
        ]),
      );
      const expression = `MAX([${Object.keys(usingMetrics).join(', ')}])`;
      return {
        name,
        part,
        metric: new MathExpression({ expression, usingMetrics, label: `${metricName}, the highest`, period }),
        ...at,
      };
    });
  // By role, for instances change theirs; without it Aurora averages the idle reader in.
  const writer = (metricName: string) =>
    cluster.metric(metricName, {
      dimensionsMap: { DBClusterIdentifier: cluster.clusterIdentifier, Role: 'WRITER' },
      statistic: Stats.MAXIMUM,
      period,
    });
  return [
    {
      name: 'error-rate',
      metric: new MathExpression({
        expression: '100 * (targets + balancer) / IF(requests > 0, requests, 1)',
        usingMetrics: {
          targets: loadBalancer.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, { period }),
          balancer: loadBalancer.metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, { period }),
          requests: loadBalancer.metrics.requestCount({ period }),
        },
        label: '5XX, percent',
        period,
      }),
      threshold: 5,
      minutes: 2,
    },
    {
      name: 'entry-latency',
      metric: loadBalancer.metrics.targetResponseTime({ statistic: Stats.percentile(95), period }),
      threshold: 0.2,
      minutes: 5,
    },
    ...apis.map((api) => ({
      name: `no-healthy-${api}`,
      metric: targetGroups[api].metrics.healthyHostCount({ statistic: Stats.MINIMUM, period }),
      threshold: 1,
      below: true as const,
      minutes: 2,
    })),
    {
      name: 'commits-wait',
      metric: queue.metricApproximateAgeOfOldestMessage({ statistic: Stats.MAXIMUM, period }),
      threshold: 60,
      minutes: 3,
    },
    {
      name: 'dead-letters',
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, period }),
      threshold: 0,
      minutes: 1,
    },
    ...cacheAlarms('cache-evicts', 'Evictions', Stats.SUM, { threshold: 0, minutes: 1 }),
    ...cacheAlarms('cache-cpu', 'EngineCPUUtilization', Stats.MAXIMUM, { threshold: 80, minutes: 5 }),
    ...cacheAlarms('cache-memory', 'DatabaseMemoryUsagePercentage', Stats.MAXIMUM, {
      threshold: 80,
      minutes: 5,
    }),
    { name: 'database-capacity', metric: writer('ACUUtilization'), threshold: 80, minutes: 5 },
    {
      name: 'database-connections',
      metric: writer('DatabaseConnections'),
      threshold: 0.8 * profile.aurora.maxConnections,
      minutes: 5,
    },
    {
      name: 'lock-table-throttles',
      metric: data.lockTable.metric('WriteThrottleEvents', { statistic: Stats.SUM, period }),
      threshold: 0,
      minutes: 1,
    },
  ];
}
