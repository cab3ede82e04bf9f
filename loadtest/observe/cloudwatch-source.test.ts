import {
  CloudWatchClient,
  type DescribeAlarmsCommandInput,
  type GetMetricDataCommandInput,
  type MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import t from 'tap';
import { cloudwatchSource } from './cloudwatch-source.ts';

const startMs = Date.parse('2026-05-01T10:00:10Z');
const at = (minutes: number) => new Date(Date.parse('2026-05-01T10:00:00Z') + minutes * 60_000);
const signal = new AbortController().signal;
const window = { fromMs: startMs, toMs: startMs + 180_000, signal };

const age: MetricAlarm = {
  AlarmName: 'onsale-staging-commits-wait',
  Namespace: 'AWS/SQS',
  MetricName: 'ApproximateAgeOfOldestMessage',
  Dimensions: [{ Name: 'QueueName', Value: 'commits.fifo' }],
  Period: 60,
  Statistic: 'Maximum',
  Threshold: 60,
  ComparisonOperator: 'GreaterThanThreshold',
};
const errors: MetricAlarm = {
  AlarmName: 'onsale-staging-error-rate',
  Metrics: [
    { Id: 'targets', ReturnData: false, MetricStat: { Metric: {}, Period: 60, Stat: 'Sum' } },
    { Id: 'share', Expression: '100 * targets', Label: '5XX, percent' },
  ],
  Threshold: 5,
  ComparisonOperator: 'GreaterThanThreshold',
};
const hosts: MetricAlarm = {
  ...age,
  AlarmName: 'onsale-staging-no-healthy-public-api',
  ExtendedStatistic: 'p1',
  Threshold: 1,
  ComparisonOperator: 'LessThanThreshold',
};

/** The SDK's own client, whose calls end before they leave it. */
function clientOf(alarms: readonly MetricAlarm[]) {
  const client = new CloudWatchClient({ region: 'ap-northeast-1' });
  const asked: GetMetricDataCommandInput[] = [];
  client.middlewareStack.add(
    (_, { commandName }) =>
      async ({ input }) => {
        const output =
          commandName === 'DescribeAlarmsCommand'
            ? describe(input as DescribeAlarmsCommandInput)
            : data(input as GetMetricDataCommandInput);
        return { response: {}, output: { $metadata: {}, ...output } as never };
      },
    { step: 'initialize' },
  );
  /** One alarm a page. */
  const describe = ({ AlarmNamePrefix, NextToken = '0' }: DescribeAlarmsCommandInput) => {
    const own = alarms.filter(({ AlarmName }) => AlarmName!.startsWith(AlarmNamePrefix!));
    const next = Number(NextToken) + 1;
    return {
      MetricAlarms: own.slice(next - 1, next),
      ...(next < own.length && { NextToken: String(next) }),
    };
  };
  /** The newest first, a value a page. */
  const data = (input: GetMetricDataCommandInput) => {
    // The SDK's pages go on in the same object.
    asked.push({ ...input });
    const minute = input.NextToken === undefined ? 2 : 1;
    return {
      MetricDataResults: [{ Id: 'it', Label: 'a label', Timestamps: [at(minute)], Values: [minute * 40] }],
      ...(minute === 2 && { NextToken: 'more' }),
    };
  };
  return { client, asked };
}

t.test('alarms say which metrics of which resources are asked for', async (t) => {
  const { client, asked } = clientOf([age, errors, hosts, { ...age, AlarmName: 'other-staging-x' }]);
  const seen = await cloudwatchSource(client, 'staging').read(window);
  t.strictSame(
    seen.map((one) => one.kind === 'figure' && [one.figure, one.atMs, one.value, one.alarm]),
    [
      ['commits-wait', at(1).getTime(), 40, { comparison: 'above', threshold: 60 }],
      ['commits-wait', at(2).getTime(), 80, { comparison: 'above', threshold: 60 }],
      ['error-rate', at(1).getTime(), 40, { comparison: 'above', threshold: 5 }],
      ['error-rate', at(2).getTime(), 80, { comparison: 'above', threshold: 5 }],
      ['no-healthy-public-api', at(1).getTime(), 40, { comparison: 'below', threshold: 1 }],
      ['no-healthy-public-api', at(2).getTime(), 80, { comparison: 'below', threshold: 1 }],
    ],
  );
  const queries = asked.filter(({ NextToken }) => NextToken === undefined);
  t.match(queries[0], {
    StartTime: at(0),
    MetricDataQueries: [
      {
        MetricStat: {
          Metric: {
            Namespace: 'AWS/SQS',
            MetricName: 'ApproximateAgeOfOldestMessage',
            Dimensions: age.Dimensions!,
          },
          Period: 60,
          Stat: 'Maximum',
        },
      },
    ],
  });
  t.strictSame(queries[1]!.MetricDataQueries, errors.Metrics, 'an expression as the alarm has it');
  t.match(queries[2]!.MetricDataQueries, [{ MetricStat: { Stat: 'p1' } }]);
});

t.test('the database’s latency is asked for beside its connections', async (t) => {
  const writer = [{ Name: 'Role', Value: 'WRITER' }];
  const connections = {
    ...age,
    ...{
      AlarmName: 'onsale-staging-database-connections',
      Namespace: 'AWS/RDS',
      MetricName: 'DatabaseConnections',
    },
    Dimensions: writer,
  };
  const { client, asked } = clientOf([connections]);
  const seen = await cloudwatchSource(client, 'staging').read(window);
  t.strictSame(
    new Set(seen.map((one) => one.kind === 'figure' && one.figure)),
    new Set(['database-connections', 'database-commit-latency-ms']),
  );
  t.match(
    asked.map(({ MetricDataQueries }) => MetricDataQueries![0]!.MetricStat!.Metric),
    [
      { MetricName: 'DatabaseConnections' },
      { MetricName: 'CommitLatency', Namespace: 'AWS/RDS', Dimensions: writer },
    ],
  );
});

t.test('a deployment without alarms is in another Region', async (t) => {
  await t.rejects(cloudwatchSource(clientOf([]).client, 'staging').read(window), /onsale-staging-…/);
});
