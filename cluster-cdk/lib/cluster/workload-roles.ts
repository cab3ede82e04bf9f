import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import type { DataStack } from '../data-stack.ts';
import type { EntryStack } from '../entry-stack.ts';
import { appNamespace, services, type Workload, workloads } from '../workloads.ts';
import { type ClusterIdentity, irsaRole } from './irsa-role.ts';

/** The services' and the operator's roles, each with what its code calls. */
export function workloadRoles(
  scope: Construct,
  identity: ClusterIdentity,
  data: DataStack,
  entry: EntryStack,
): Readonly<Record<Workload, Role>> {
  const roles = Object.fromEntries(
    workloads.map((name) => [name, irsaRole(scope, identity, appNamespace, name)]),
  ) as Record<Workload, Role>;
  const { lockTable, commits, database } = data;
  for (const service of services) {
    lockTable.grant(
      roles[service],
      'dynamodb:BatchWriteItem',
      'dynamodb:DescribeTable',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
    );
    grantKeyThroughStores(roles[service], data);
  }
  const sending = ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'];
  commits.queue.grant(roles['confirm-api'], ...sending);
  // Poison is put into the dead letters with its reason; redrive takes it out again.
  for (const queue of [commits.queue, commits.deadLetters])
    queue.grant(
      roles['confirm-worker'],
      ...sending,
      'sqs:ChangeMessageVisibility',
      'sqs:DeleteMessage',
      'sqs:ReceiveMessage',
    );

  const operator = roles['ticket-event-operator'];
  const loadBalancer = entry.loadBalancer.loadBalancerArn;
  const allow = (actions: string[], resources: string[]) =>
    operator.addToPolicy(new PolicyStatement({ actions, resources }));
  allow(['elasticloadbalancing:ModifyCapacityReservation'], [loadBalancer]);
  // AWS knows no condition for what of a cluster is changed; the operator's code changes its least capacity alone.
  allow(['rds:ModifyDBCluster'], [database.cluster.clusterArn]);
  lockTable.grant(operator, 'dynamodb:DescribeTable');
  allow(
    [
      'ec2:DescribeSubnets',
      'elasticloadbalancing:DescribeCapacityReservation',
      'rds:DescribeDBClusters',
      'servicequotas:GetServiceQuota',
    ],
    ['*'],
  );
  acknowledge(
    operator,
    'Reads that AWS does not bind to a resource, or that look at the whole account: quotas and free addresses.',
    'AwsSolutions-IAM5[Resource::*]',
  );
  return roles;
}

/**
 * DynamoDB and SQS use the key on behalf of the caller. By them alone: the CDK's own grants would let a service decrypt
 * whatever else lies under this key, such as secrets that are not its own.
 */
function grantKeyThroughStores(role: Role, { key, region }: DataStack): void {
  role.addToPolicy(
    new PolicyStatement({
      actions: [
        'kms:Decrypt',
        'kms:DescribeKey',
        'kms:Encrypt',
        'kms:GenerateDataKey',
        'kms:ReEncryptFrom',
        'kms:ReEncryptTo',
      ],
      resources: [key.keyArn],
      conditions: {
        StringEquals: {
          'kms:ViaService': ['dynamodb', 'sqs'].map((store) => `${store}.${region}.amazonaws.com`),
        },
      },
    }),
  );
}
