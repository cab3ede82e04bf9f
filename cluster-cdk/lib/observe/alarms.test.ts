import { globSync, readFileSync } from 'node:fs';
import t from 'tap';
import { parse } from 'yaml';
import { goldenFolder } from '../golden.ts';
import { profiles } from '../profile/profile.ts';
import { serviceAlarms } from './service-alarms.ts';

const root = new URL('../../../', import.meta.url);
const observation = parse(
  readFileSync(new URL('ap-northeast-1-observation.yaml', goldenFolder('production')), 'utf8'),
) as { Resources: Record<string, { Type: string; Properties: any }> };
const alarms = Object.values(observation.Resources)
  .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
  .map(({ Properties }) => Properties);

t.test('every alarm has its heading in the runbook, and every alarm heading its alarm', async (t) => {
  const runbook = readFileSync(new URL('docs/runbook.md', root), 'utf8');
  const section = runbook.split('\n## Alarms\n')[1]?.split('\n## ')[0] ?? '';
  const headings = Array.from(section.matchAll(/^### (.+)$/gm), ([, heading]) => heading);
  const names = [
    ...new Set(alarms.map(({ AlarmDescription }) => AlarmDescription.replace('docs/runbook.md#', ''))),
    ...serviceAlarms.map(({ name }) => name),
  ];
  t.same(headings.sort(), names.sort());
});

t.test('every metric an alarm reads has a source', async (t) => {
  const sources = globSync('{services,operators}/**/*.ts', {
    cwd: root.pathname,
    exclude: (path) => path.includes('node_modules') || path.endsWith('.test.ts'),
  })
    .map((file) => readFileSync(new URL(file, root), 'utf8'))
    .join('\n');
  const ofProcess = sources.includes('collectDefaultMetrics(') ? /^process_/ : /^$/;
  for (const { name, query, metrics } of serviceAlarms) {
    for (const metric of metrics) {
      t.ok(query.includes(metric), `${name} reads ${metric}`);
      t.ok(sources.includes(`name: '${metric}'`) || ofProcess.test(metric), `${metric} is declared`);
    }
  }
  const managed = ['AWS/ApplicationELB', 'AWS/SQS', 'AWS/ElastiCache', 'AWS/RDS', 'AWS/DynamoDB'];
  for (const alarm of alarms) {
    const stats = alarm.Metrics?.flatMap(({ MetricStat }: any) =>
      MetricStat ? [MetricStat.Metric] : [],
    ) ?? [alarm];
    for (const { Namespace, Dimensions } of stats) {
      t.ok(managed.includes(Namespace), `${alarm.AlarmName}: ${Namespace}`);
      t.ok(Dimensions.length > 0, 'of one resource of these stacks');
    }
    t.ok(stats.length <= 10, 'CloudWatch refuses an alarm of more metrics');
    t.equal(alarm.AlarmActions.length, 1, 'and somebody is told');
  }
});

t.test('every node of Valkey is watched, and Aurora by the role of its writer', async (t) => {
  const dimensionsOf = (namespace: string) =>
    alarms
      .flatMap(
        (alarm) => alarm.Metrics?.flatMap(({ MetricStat }: any) => MetricStat?.Metric ?? []) ?? [alarm],
      )
      .filter(({ Namespace }) => Namespace === namespace)
      .map(({ MetricName, Dimensions }) => ({ metric: MetricName, dimensions: Dimensions }));
  const { shards, replicasPerShard } = profiles.production.cache;
  const nodes = dimensionsOf('AWS/ElastiCache')
    .filter(({ metric }) => metric === 'EngineCPUUtilization')
    .map(({ dimensions }) => dimensions[0].Value['Fn::Join'][1][1]);
  t.same(new Set(nodes).size, shards * (1 + replicasPerShard));
  for (const node of nodes) t.match(node, /^-000[1-6]-00[12]$/);
  for (const { dimensions } of dimensionsOf('AWS/RDS'))
    t.ok(dimensions.some(({ Name, Value }: any) => Name === 'Role' && Value === 'WRITER'));
});
