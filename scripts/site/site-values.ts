import { type EnvironmentName, profileOf, regionOf } from '@onsale/cdk8s/values/environments';
import type { SiteValues } from '@onsale/cdk8s/values/site';
import { readOutputs } from '@onsale/cluster-cdk/lib/operate/read-outputs';
import type { OutputsFile } from '@onsale/cluster-cdk/lib/outputs';

/** Site values that no stack knows; who deploys gives them. */
export const ownKeys = [
  'jwksUrl',
  'jwtIssuer',
  'jwtAudience',
  'paymentProviderUrl',
  'traceCollector',
  'secretStore',
] as const satisfies readonly (keyof SiteValues)[];
export type OwnValues = Partial<Pick<SiteValues, (typeof ownKeys)[number]>>;

/** What stacks give: every site value but one's own and those the environment's values file has. */
type SiteOfStacks = Omit<
  SiteValues,
  (typeof ownKeys)[number] | 'redisCluster' | 'dynamodbEndpoint' | 'sqsEndpoint'
>;

/**
 * The site's values of an environment, from the outputs of its Region's stacks. Throws where a stack is not deployed, or
 * where the outputs are another Region's: both Regions' stacks have the same names.
 */
export function siteValues(
  environment: Exclude<EnvironmentName, 'local'>,
  outputs: OutputsFile,
  own: OwnValues,
): { readonly site: SiteOfStacks & OwnValues } {
  const profile = profileOf(environment);
  const network = readOutputs(outputs, profile, 'network');
  const data = readOutputs(outputs, profile, 'data');
  const entry = readOutputs(outputs, profile, 'entry');
  const cluster = readOutputs(outputs, profile, 'cluster');
  const region = regionOf(environment);
  if (network.Region !== region)
    throw new Error(`these are the outputs of ${network.Region}, and ${environment} is in ${region}`);
  return {
    site: {
      region,
      registry: readOutputs(outputs, profile, 'images').ImageRegistry,
      apiBase: readOutputs(outputs, profile, 'edge').ApiBase,
      database: { host: data.PostgresHost, port: Number(data.PostgresPort), name: data.PostgresDatabase },
      redisUrl: `rediss://${data.RedisHost}:${data.RedisPort}`,
      lockTable: data.LockTableName,
      commitQueueUrl: data.CommitQueueUrl,
      commitDeadLetterUrl: data.CommitDeadLetterUrl,
      clusterSecurityGroup: cluster.ClusterSecurityGroup,
      roleArns: {
        publicApi: cluster.PublicApiRoleArn,
        confirmApi: cluster.ConfirmApiRoleArn,
        confirmWorker: cluster.ConfirmWorkerRoleArn,
        ticketEventOperator: cluster.TicketEventOperatorRoleArn,
      },
      securityGroups: {
        publicApi: network.PublicApiSecurityGroup,
        confirmApi: network.ConfirmApiSecurityGroup,
        confirmWorker: network.ConfirmWorkerSecurityGroup,
      },
      targetGroupArns: {
        publicApi: entry.PublicApiTargetGroupArn,
        confirmApi: entry.ConfirmApiTargetGroupArn,
      },
      secretKeys: {
        database: data.PostgresServiceSecretArn,
        databaseOwner: data.PostgresOwnerSecretArn,
        REDIS_PASSWORD: data.RedisSecretArn,
        ROOM_TOKEN_KEYS: data.RoomTokenKeysSecretArn,
        TICKET_KEYS: data.TicketKeysSecretArn,
        ADMIN_TOKEN: data.AdminTokenSecretArn,
        PAYMENT_WEBHOOK_SECRETS: data.PaymentWebhookSecretsSecretArn,
        PAYMENT_PROVIDER_KEY: data.PaymentProviderKeySecretArn,
      },
      ...own,
    },
  };
}
