import {
  type CloudWatchClient,
  type MetricAlarm,
  type MetricDataQuery,
  paginateDescribeAlarms,
  paginateGetMetricData,
} from '@aws-sdk/client-cloudwatch';
import type { Alarm, Observation } from '../report/run-record.ts';
import type { Source, TimeWindow } from './source.ts';

/**
 * What the alarms of a deployment look at, from CloudWatch: queue age, database connections and latency, load balancer, cache
 * nodes. The alarms themselves say which metrics, of which resources. Figures arrive some minutes after their time.
 */
export function cloudwatchSource(client: CloudWatchClient, deployment: string): Source {
  const prefix = `onsale-${deployment}-`;
  return {
    name: 'CloudWatch',
    async read(window) {
      const alarms: MetricAlarm[] = [];
      for await (const page of paginateDescribeAlarms({ client }, { AlarmNamePrefix: prefix }))
        alarms.push(...(page.MetricAlarms ?? []).flatMap((alarm) => [alarm, ...beside(alarm, prefix)]));
      if (alarms.length === 0) throw new Error(`no alarm is called ${prefix}…: is the Region the sale's?`);
      const all = await Promise.all(alarms.map((alarm) => figuresOf(client, alarm, prefix, window)));
      return all.flat();
    },
  };
}

/** The database's latency wakes nobody by itself, and is asked for of the cluster whose connections have an alarm. */
function beside(alarm: MetricAlarm, prefix: string): MetricAlarm[] {
  if (alarm.MetricName !== 'DatabaseConnections') return [];
  const { Namespace, Dimensions, Period } = alarm;
  const AlarmName = `${prefix}database-commit-latency-ms`;
  return [{ AlarmName, Namespace, Dimensions, Period, MetricName: 'CommitLatency', Statistic: 'Average' }];
}

async function figuresOf(
  client: CloudWatchClient,
  alarm: MetricAlarm,
  prefix: string,
  { fromMs, toMs, signal }: TimeWindow,
): Promise<Observation[]> {
  const period = alarm.Period ?? 60;
  const input = {
    MetricDataQueries: queriesOf(alarm),
    // A period counts by its beginning.
    StartTime: new Date(Math.floor(fromMs / 1000 / period) * period * 1000),
    EndTime: new Date(toMs),
  };
  const figure = alarm.AlarmName!.slice(prefix.length);
  const observations: Observation[] = [];
  for await (const { MetricDataResults = [] } of paginateGetMetricData({ client }, input, {
    abortSignal: signal,
  })) {
    for (const { Timestamps = [], Values = [], Label = '' } of MetricDataResults) {
      for (const [index, at] of Timestamps.entries()) {
        observations.push({
          ...{ atMs: at.getTime(), kind: 'figure', source: 'CloudWatch', figure, of: Label },
          value: Values[index]!,
          ...(alarm.Threshold !== undefined && {
            alarm: { ...comparisonOf(alarm), threshold: alarm.Threshold },
          }),
        });
      }
    }
  }
  // Pages, and a page's values, begin with the newest.
  return observations.sort((a, b) => a.atMs - b.atMs);
}

const comparisonOf = ({ ComparisonOperator }: MetricAlarm): Pick<Alarm, 'comparison'> => ({
  comparison: ComparisonOperator?.startsWith('LessThan') ? 'below' : 'above',
});

/** An alarm's own queries; one over a single metric has none, and says the same in fields of its own. */
function queriesOf(alarm: MetricAlarm): MetricDataQuery[] {
  if (alarm.Metrics !== undefined && alarm.Metrics.length > 0) return alarm.Metrics;
  const { Namespace, MetricName, Dimensions, Period, Statistic, ExtendedStatistic } = alarm;
  return [
    {
      Id: 'it',
      MetricStat: {
        Metric: { Namespace, MetricName, Dimensions },
        Period,
        Stat: ExtendedStatistic ?? Statistic,
      },
    },
  ];
}
