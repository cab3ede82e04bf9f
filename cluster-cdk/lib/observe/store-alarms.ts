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
  const cache = (metricName: string, statistic: string) =>
    new Metric({
      namespace: 'AWS/ElastiCache',
      metricName,
      dimensionsMap: { ReplicationGroupId: data.cache.group.ref },
      statistic,
      period,
    });
  const nodesAtMost = profile.aurora.readers + 1;
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
    { name: 'cache-evicts', metric: cache('Evictions', Stats.SUM), threshold: 0, minutes: 1 },
    { name: 'cache-cpu', metric: cache('EngineCPUUtilization', Stats.MAXIMUM), threshold: 80, minutes: 5 },
    {
      name: 'cache-memory',
      metric: cache('DatabaseMemoryUsagePercentage', Stats.MAXIMUM),
      threshold: 80,
      minutes: 5,
    },
    {
      name: 'database-capacity',
      metric: cluster.metricACUUtilization({ statistic: Stats.MAXIMUM, period }),
      threshold: 80,
      minutes: 5,
    },
    {
      name: 'database-connections',
      metric: cluster.metricDatabaseConnections({ statistic: Stats.MAXIMUM, period }),
      threshold: 80 * nodesAtMost,
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
