import type { CfnWorkspace } from 'aws-cdk-lib/aws-aps';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import { serviceSecretNames } from '../data/service-secrets.ts';
import type { DataStack } from '../data-stack.ts';
import type { EntryStack } from '../entry-stack.ts';
import { apis } from '../workloads.ts';
import { type AddonName, addonNames, addons } from './addons.ts';
import { type ClusterIdentity, irsaRole } from './irsa-role.ts';

/** Roles of the add-ons. */
export function addonRoles(
  scope: Construct,
  identity: ClusterIdentity,
  data: DataStack,
  entry: EntryStack,
  prometheus: CfnWorkspace,
): Readonly<Record<AddonName, Role>> {
  const roles = Object.fromEntries(
    addonNames.map((name) => [name, irsaRole(scope, identity, addons[name].namespace, addons[name].account)]),
  ) as Record<AddonName, Role>;
  const allow = (name: AddonName, actions: string[], resources: string[]) =>
    roles[name].addToPolicy(new PolicyStatement({ actions, resources }));

  // Far less than the controller's published policy: it makes no load balancer here, it registers pods.
  allow(
    'loadBalancerController',
    ['elasticloadbalancing:RegisterTargets', 'elasticloadbalancing:DeregisterTargets'],
    apis.map((api) => entry.targetGroups[api].targetGroupArn),
  );
  allow(
    'loadBalancerController',
    [
      'ec2:DescribeAvailabilityZones',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSecurityGroups',
      'ec2:DescribeSubnets',
      'ec2:DescribeVpcs',
      'elasticloadbalancing:DescribeLoadBalancers',
      'elasticloadbalancing:DescribeTags',
      'elasticloadbalancing:DescribeTargetGroups',
      'elasticloadbalancing:DescribeTargetHealth',
    ],
    ['*'],
  );
  const readable = [
    data.database.serviceSecret,
    data.cache.secret,
    ...serviceSecretNames.map((name) => data.secrets.byName[name]),
  ];
  // Said by ARN: the grant of a secret writes into its key's policy, in a stack that must not know of this one.
  allow(
    'externalSecrets',
    ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'],
    [data.database.ownerSecretArn, ...readable.map(({ secretArn }) => secretArn)],
  );
  roles.externalSecrets.addToPolicy(
    new PolicyStatement({
      actions: ['kms:Decrypt'],
      resources: [data.key.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${data.region}.amazonaws.com` } },
    }),
  );
  data.commits.queue.grant(roles.keda, 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl');
  allow('keda', ['cloudwatch:GetMetricData'], ['*']);
  allow(
    'prometheusAdapter',
    ['aps:QueryMetrics', 'aps:GetLabels', 'aps:GetSeries', 'aps:GetMetricMetadata'],
    [prometheus.attrArn],
  );
  allow('collector', ['aps:RemoteWrite'], [prometheus.attrArn]);
  allow(
    'collector',
    [
      'xray:PutTraceSegments',
      'xray:PutTelemetryRecords',
      'xray:GetSamplingRules',
      'xray:GetSamplingTargets',
      'xray:GetSamplingStatisticSummaries',
    ],
    ['*'],
  );
  for (const name of ['loadBalancerController', 'keda', 'collector'] as const)
    acknowledge(
      roles[name],
      'Calls that AWS does not bind to a resource: descriptions, metric data, trace segments.',
      'AwsSolutions-IAM5[Resource::*]',
    );
  return roles;
}
