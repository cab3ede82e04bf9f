import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { stringify } from 'yaml';
import type { Settings } from '../profile/context.ts';

/** The topic that CloudWatch and Prometheus both write to, for this account's alarms and no other's. */
export function createAlarmTopic(scope: Construct, { profile, alarmEmail }: Settings): Topic {
  const conditions = { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } };
  const writers = ['aps.amazonaws.com', 'cloudwatch.amazonaws.com'].map(
    (service) => new ServicePrincipal(service, { conditions }),
  );
  // A key of its own: alarms may not write under the key AWS keeps for topics, and need none of the others.
  const masterKey = new Key(scope, 'AlarmKey', {
    description: 'Alarms on their way',
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  masterKey.addToResourcePolicy(
    new PolicyStatement({
      principals: writers,
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: ['*'],
    }),
  );
  const topic = new Topic(scope, 'Alarms', {
    displayName: `onsale ${profile.name}`,
    enforceSSL: true,
    masterKey,
  });
  if (alarmEmail) topic.addSubscription(new EmailSubscription(alarmEmail));
  // A topic policy of one's own replaces the default one, which lets the account's alarms in.
  topic.addToResourcePolicy(
    new PolicyStatement({
      principals: writers,
      actions: ['sns:Publish', 'sns:GetTopicAttributes'],
      resources: [topic.topicArn],
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
