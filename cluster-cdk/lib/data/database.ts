import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc } from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  AuroraPostgresEngineVersion,
  ClusterInstance,
  Credentials,
  DatabaseCluster,
  DatabaseClusterEngine,
  DatabaseSecret,
  ParameterGroup,
} from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import type { Profile } from '../profile/profile.ts';

export interface DatabaseProps {
  readonly profile: Profile;
  readonly vpc: IVpc;
  readonly securityGroup: ISecurityGroup;
  readonly key: IKey;
}

/** Name of the database inside the cluster. */
export const databaseName = 'onsale';

/**
 * Aurora PostgreSQL Serverless v2: a writer, and readers in other zones that a failover promotes. Migrations use the
 * owner's secret, services one of their own, which rotation moves between two users so that nobody is locked out.
 */
export class Database extends Construct {
  readonly cluster: DatabaseCluster;
  readonly ownerSecretArn: string;
  readonly serviceSecret: DatabaseSecret;

  constructor(scope: Construct, id: string, { profile, vpc, securityGroup, key }: DatabaseProps) {
    super(scope, id);
    const engine = DatabaseClusterEngine.auroraPostgres({ version: AuroraPostgresEngineVersion.VER_17_5 });
    this.cluster = new DatabaseCluster(this, 'Cluster', {
      engine,
      vpc,
      vpcSubnets: { subnetGroupName: 'data' },
      securityGroups: [securityGroup],
      port: 5432,
      defaultDatabaseName: databaseName,
      credentials: Credentials.fromGeneratedSecret('onsale_owner', { encryptionKey: key }),
      writer: ClusterInstance.serverlessV2('Writer'),
      // Readers scale with the writer, so a failover lands on one that is large enough.
      readers: Array.from({ length: profile.aurora.readers }, (_, index) =>
        ClusterInstance.serverlessV2(`Reader${index + 1}`, { scaleWithWriter: true }),
      ),
      serverlessV2MinCapacity: profile.aurora.minAcu,
      serverlessV2MaxCapacity: profile.aurora.maxAcu,
      storageEncrypted: true,
      storageEncryptionKey: key,
      iamAuthentication: true,
      deletionProtection: profile.protectsData,
      removalPolicy: profile.protectsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      backup: { retention: Duration.days(profile.backupDays) },
      copyTagsToSnapshot: true,
      cloudwatchLogsExports: ['postgresql'],
      cloudwatchLogsRetention: undefined,
      parameterGroup: new ParameterGroup(this, 'Parameters', {
        engine,
        description: 'TLS only; statements slower than the hot path allows are logged',
        parameters: { 'rds.force_ssl': '1', log_min_duration_statement: '200' },
      }),
    });
    if (this.cluster.secret === undefined) throw new Error('the cluster has no generated secret');
    this.ownerSecretArn = this.cluster.secret.secretArn;
    const serviceSecret = new DatabaseSecret(this, 'ServiceSecret', {
      username: 'onsale_service',
      dbname: databaseName,
      masterSecret: this.cluster.secret,
      encryptionKey: key,
    });
    this.serviceSecret = serviceSecret;
    const attached = serviceSecret.attach(this.cluster);
    const rotation = {
      automaticallyAfter: Duration.days(30),
      vpcSubnets: { subnetGroupName: 'pods' },
    };
    this.cluster.addRotationSingleUser(rotation);
    this.cluster.addRotationMultiUser('Service', { secret: attached, ...rotation });
  }
}
