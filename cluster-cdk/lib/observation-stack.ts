import { readFileSync } from 'node:fs';
import { Stack, type StackProps } from 'aws-cdk-lib';
import { CfnRuleGroupsNamespace, type CfnWorkspace } from 'aws-cdk-lib/aws-aps';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { stringify } from 'yaml';
import type { DataStack } from './data-stack.ts';
import type { EntryStack } from './entry-stack.ts';
import { alarmRules } from './observe/service-alarms.ts';
import { storeAlarms } from './observe/store-alarms.ts';
import type { Settings } from './profile/context.ts';

export interface ObservationProps extends StackProps {
  readonly settings: Settings;
  readonly data: DataStack;
  readonly entry: EntryStack;
  readonly prometheus: CfnWorkspace;
  readonly topic: ITopic;
  /** Whether the account's budget is kept in this Region's stack. */
  readonly keepsBudget: boolean;
}

/** Who is told what: an alarm for each heading of the runbook, one dashboard, the budget. */
export class ObservationStack extends Stack {
  constructor(scope: Construct, id: string, props: ObservationProps) {
    const { settings, data, entry, prometheus, topic, keepsBudget, ...rest } = props;
    super(scope, id, rest);
    const { profile, alarmEmail } = settings;
    const alarms = storeAlarms(data, entry, profile);
    for (const { name, part, metric, threshold, below, minutes } of alarms) {
      const id = part === undefined ? name : `${name}-${part}`;
      new Alarm(this, id, {
        alarmName: `onsale-${profile.name}-${id}`,
        alarmDescription: `docs/runbook.md#${name}`,
        metric,
        threshold,
        evaluationPeriods: minutes,
        comparisonOperator: below
          ? ComparisonOperator.LESS_THAN_THRESHOLD
          : ComparisonOperator.GREATER_THAN_THRESHOLD,
        treatMissingData: below ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
      }).addAlarmAction(new SnsAction(topic));
    }
    new CfnRuleGroupsNamespace(this, 'ServiceAlarms', {
      workspace: prometheus.attrArn,
      name: 'onsale-alarms',
      data: stringify(alarmRules()),
    });
    new CfnRuleGroupsNamespace(this, 'ScalingRules', {
      workspace: prometheus.attrArn,
      name: 'onsale-scaling',
      // The autoscalers' rules come with the charts, which are generated.
      data: readFileSync(new URL('../../charts/scaling/rules.yaml', import.meta.url), 'utf8'),
    });
    new Dashboard(this, 'Dashboard', {
      dashboardName: `onsale-${profile.name}`,
      widgets: [
        [
          new GraphWidget({
            title: 'Requests a minute',
            left: [entry.loadBalancer.metrics.requestCount()],
            width: 12,
          }),
          new GraphWidget({
            title: 'p95 and p99, s',
            left: ['p95', 'p99'].map((statistic) =>
              entry.loadBalancer.metrics.targetResponseTime({ statistic }),
            ),
            width: 12,
          }),
        ],
        // Every alarm's metric is on the dashboard, so what woke somebody is one look away.
        alarms.map(({ name, metric }) => new GraphWidget({ title: name, left: [metric], width: 8 })),
        [
          new GraphWidget({
            title: 'Database: reads and writes',
            left: [
              data.database.cluster.metricVolumeReadIOPs(),
              data.database.cluster.metricVolumeWriteIOPs(),
            ],
            width: 12,
          }),
          new GraphWidget({
            title: 'Commits waiting',
            left: [data.commits.queue.metricApproximateNumberOfMessagesVisible()],
            width: 12,
          }),
        ],
      ],
    });
    if (keepsBudget)
      new CfnBudget(this, 'Budget', {
        budget: {
          budgetName: `onsale-${profile.name}`,
          budgetType: 'COST',
          timeUnit: 'MONTHLY',
          budgetLimit: { amount: profile.monthlyBudgetUsd, unit: 'USD' },
        },
        notificationsWithSubscribers: alarmEmail
          ? [80, 100].map((threshold) => ({
              notification: {
                comparisonOperator: 'GREATER_THAN',
                notificationType: 'ACTUAL',
                threshold,
                thresholdType: 'PERCENTAGE',
              },
              subscribers: [{ subscriptionType: 'EMAIL', address: alarmEmail }],
            }))
          : [],
      });
  }
}
