import { RemovalPolicy, Stack, type StackProps, Token } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { addOutputs } from './add-outputs.ts';
import { Cache } from './data/cache.ts';
import { CommitQueue } from './data/commit-queue.ts';
import { Database, databaseName } from './data/database.ts';
import { createLockTable } from './data/lock-table.ts';
import { ServiceSecrets } from './data/service-secrets.ts';
import type { NetworkStack } from './network-stack.ts';
import type { Profile } from './profile/profile.ts';
import { services } from './workloads.ts';

export interface DataProps extends StackProps {
  readonly profile: Profile;
  readonly network: NetworkStack;
}

/** Everything that would be missed: database, cache, lock table, queues, secrets. Replaced by nothing that runs. */
export class DataStack extends Stack {
  readonly key: Key;
  readonly database: Database;
  readonly cache: Cache;
  readonly lockTable: Table;
  readonly commits: CommitQueue;
  readonly secrets: ServiceSecrets;

  constructor(scope: Construct, id: string, { profile, network, ...props }: DataProps) {
    super(scope, id, props);
    this.key = new Key(this, 'Key', {
      description: 'Stores, queues and secrets',
      enableKeyRotation: true,
      removalPolicy: profile.protectsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const { vpc, serviceGroups } = network;
    const reachedByServices = (id: string, description: string, port: number) => {
      const group = new SecurityGroup(this, id, { vpc, description, allowAllOutbound: false });
      for (const service of services) group.addIngressRule(serviceGroups[service], Port.tcp(port), service);
      return group;
    };
    this.database = new Database(this, 'Database', {
      profile,
      vpc,
      securityGroup: reachedByServices(
        'DatabaseGroup',
        'Aurora, reached by the services and by rotation',
        5432,
      ),
      key: this.key,
    });
    this.cache = new Cache(this, 'Cache', {
      profile,
      vpc,
      securityGroup: reachedByServices('CacheGroup', 'Valkey, reached by the services', 6379),
      key: this.key,
    });
    this.lockTable = createLockTable(this, profile, this.key);
    this.commits = new CommitQueue(this, 'CommitQueue', profile, this.key);
    this.secrets = new ServiceSecrets(this, 'Secrets', profile, this.key);
    if (!profile.protectsData)
      acknowledge(
        this,
        'A development deployment runs in one zone and must be destroyable by one command.',
        'AwsSolutions-RDS10',
        'AwsSolutions-AEC4',
      );
    acknowledge(
      this,
      'Well-known ports are reachable from the services’ security groups alone; another port hides nothing.',
      'AwsSolutions-RDS11',
      'AwsSolutions-AEC5',
    );
    const { cluster, serviceSecret, ownerSecretArn } = this.database;
    const { group, secret } = this.cache;
    const { byName } = this.secrets;
    addOutputs(this, 'data', {
      PostgresCluster: cluster.clusterIdentifier,
      PostgresHost: cluster.clusterEndpoint.hostname,
      PostgresPort: Token.asString(cluster.clusterEndpoint.port),
      PostgresDatabase: databaseName,
      PostgresServiceSecretArn: serviceSecret.secretArn,
      PostgresOwnerSecretArn: ownerSecretArn,
      RedisHost: group.attrConfigurationEndPointAddress,
      RedisPort: group.attrConfigurationEndPointPort,
      RedisSecretArn: secret.secretArn,
      LockTableName: this.lockTable.tableName,
      CommitQueueUrl: this.commits.queue.queueUrl,
      CommitDeadLetterUrl: this.commits.deadLetters.queueUrl,
      RoomTokenKeysSecretArn: byName.ROOM_TOKEN_KEYS.secretArn,
      TicketKeysSecretArn: byName.TICKET_KEYS.secretArn,
      AdminTokenSecretArn: byName.ADMIN_TOKEN.secretArn,
      PaymentWebhookSecretsSecretArn: byName.PAYMENT_WEBHOOK_SECRETS.secretArn,
      PaymentProviderKeySecretArn: byName.PAYMENT_PROVIDER_KEY.secretArn,
    });
  }
}
