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
  for (const service of services) grantLockItems(roles[service], data);
  commits.queue.grantSendMessages(roles['confirm-api']);
  commits.queue.grantSendMessages(roles['confirm-worker']);
  commits.queue.grantConsumeMessages(roles['confirm-worker']);
  // Poison is put there with its reason; redrive takes it out again.
  commits.deadLetters.grantSendMessages(roles['confirm-worker']);
  commits.deadLetters.grantConsumeMessages(roles['confirm-worker']);

  const operator = roles['ticket-event-operator'];
  const loadBalancer = entry.loadBalancer.loadBalancerArn;
  const allow = (actions: string[], resources: string[]) =>
    operator.addToPolicy(new PolicyStatement({ actions, resources }));
  allow(['elasticloadbalancing:ModifyCapacityReservation'], [loadBalancer]);
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
  for (const service of services)
    acknowledge(
      roles[service],
      'Data keys of the one key that encrypts the lock table and the queues; the CDK’s grants name the pairs by prefix.',
      'AwsSolutions-IAM5[Action::kms:GenerateDataKey*]',
      'AwsSolutions-IAM5[Action::kms:ReEncrypt*]',
    );
  return roles;
}

function grantLockItems(role: Role, { lockTable }: DataStack): void {
  lockTable.grant(
    role,
    'dynamodb:BatchWriteItem',
    'dynamodb:DescribeTable',
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:Query',
  );
  // Its key comes with the table: DynamoDB decrypts on behalf of the caller.
  lockTable.encryptionKey?.grantEncryptDecrypt(role);
}
