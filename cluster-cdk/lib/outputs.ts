/**
 * CloudFormation outputs of each stack of a Region, by the stack's part of its name. Charts and delivery read them from the
 * file of `cdk deploy --outputs-file`. Beside them stacks have outputs of the CDK's own, which nobody reads.
 */
export const outputNames = {
  network: [
    'Region',
    'VpcId',
    'PodSubnetIds',
    'PublicApiSecurityGroup',
    'ConfirmApiSecurityGroup',
    'ConfirmWorkerSecurityGroup',
  ],
  data: [
    'PostgresCluster',
    'PostgresHost',
    'PostgresPort',
    'PostgresDatabase',
    'PostgresServiceSecretArn',
    'PostgresOwnerSecretArn',
    'RedisHost',
    'RedisPort',
    'RedisSecretArn',
    'LockTableName',
    'CommitQueueUrl',
    'CommitDeadLetterUrl',
    'RoomTokenKeysSecretArn',
    'TicketKeysSecretArn',
    'AdminTokenSecretArn',
    'PaymentWebhookSecretsSecretArn',
    'PaymentProviderKeySecretArn',
  ],
  /** What stands before an image's name, with a slash at its end. */
  images: ['ImageRegistry'],
  entry: ['LoadBalancerArn', 'PublicApiTargetGroupArn', 'ConfirmApiTargetGroupArn'],
  cluster: [
    'ClusterName',
    'ClusterSecurityGroup',
    'PodLogGroup',
    'AlarmTopicArn',
    'PrometheusWorkspaceId',
    'PublicApiRoleArn',
    'ConfirmApiRoleArn',
    'ConfirmWorkerRoleArn',
    'TicketEventOperatorRoleArn',
    'LoadBalancerControllerRoleArn',
    'ExternalSecretsRoleArn',
    'KedaRoleArn',
    'PrometheusAdapterRoleArn',
    'CollectorRoleArn',
  ],
  /** ApiBase is an address with its scheme and without a slash at its end. */
  edge: ['ApiBase', 'PageBucket', 'DistributionId'],
} as const;

export type StackPart = keyof typeof outputNames;
/** Every output of a stack. All are texts; ports are digits. */
export type Outputs<Part extends StackPart> = Readonly<Record<(typeof outputNames)[Part][number], string>>;

/**
 * The file of `cdk deploy --outputs-file`: outputs by the stack's name. Both Regions' stacks have the same names, so each
 * Region is deployed by a command of its own and has a file of its own.
 */
export type OutputsFile = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A stack's name, as AWS has it. */
export const stackNameOf = (profile: string, part: string): string => `onsale-${profile}-${part}`;
