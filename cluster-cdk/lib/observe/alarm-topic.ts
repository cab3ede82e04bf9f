import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { stringify } from 'yaml';
import type { Settings } from '../profile/context.ts';

/** The topic that CloudWatch and Prometheus both write to. */
export function createAlarmTopic(scope: Construct, { profile, alarmEmail }: Settings): Topic {
  const topic = new Topic(scope, 'Alarms', { displayName: `onsale ${profile.name}`, enforceSSL: true });
  if (alarmEmail) topic.addSubscription(new EmailSubscription(alarmEmail));
  topic.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('aps.amazonaws.com')],
      actions: ['sns:Publish', 'sns:GetTopicAttributes'],
      resources: [topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
  );
  // A topic policy of one's own replaces the default one, which lets the account's alarms in.
  topic.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
  );
  return topic;
}

/** Sends every alert of the workspace to the topic. */
export function alertManagerDefinition(topic: Topic): string {
  const config = {
    route: { receiver: 'topic', group_by: ['alertname'], repeat_interval: '1h' },
    receivers: [
      {
        name: 'topic',
        sns_configs: [
          { topic_arn: topic.topicArn, sigv4: { region: Stack.of(topic).region }, send_resolved: true },
        ],
      },
    ],
  };
  return stringify({ alertmanager_config: stringify(config) });
}
