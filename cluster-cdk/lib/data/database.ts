import { Duration, Names, RemovalPolicy } from 'aws-cdk-lib';
import { type ISecurityGroup, type IVpc, Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
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
    // Whoever writes to a group that is not there makes it, and keeps what is in it for ever.
    const logGroup = (id: string, logGroupName: string) =>
      new LogGroup(this, id, {
        logGroupName,
        retention: profile.logRetentionDays,
        removalPolicy: RemovalPolicy.DESTROY,
      });
    const clusterIdentifier = `onsale-${profile.name}`;
    const logs = logGroup('Logs', `/aws/rds/cluster/${clusterIdentifier}/postgresql`);
    const engine = DatabaseClusterEngine.auroraPostgres({ version: AuroraPostgresEngineVersion.VER_17_5 });
    const ownerSecret = new DatabaseSecret(this, 'OwnerSecret', {
      username: 'onsale_owner',
      encryptionKey: key,
    });
    this.cluster = new DatabaseCluster(this, 'Cluster', {
      clusterIdentifier,
      engine,
      vpc,
      vpcSubnets: { subnetGroupName: 'data' },
      securityGroups: [securityGroup],
      port: 5432,
      defaultDatabaseName: databaseName,
      credentials: Credentials.fromSecret(ownerSecret),
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
      parameterGroup: new ParameterGroup(this, 'Parameters', {
        engine,
        description: 'TLS only; slow statements are logged, without the values they were given',
        // Those values are buyers' names for themselves and what they bought.
        parameters: {
          'rds.force_ssl': '1',
          log_min_duration_statement: '200',
          log_parameter_max_length: '0',
        },
      }),
    });
    this.cluster.node.defaultChild?.node.addDependency(logs);
    if (this.cluster.secret === undefined) throw new Error('the cluster has no secret of its owner');
    this.ownerSecretArn = this.cluster.secret.secretArn;
    const serviceSecret = new DatabaseSecret(this, 'ServiceSecret', {
      username: 'onsale_service',
      dbname: databaseName,
      masterSecret: this.cluster.secret,
      encryptionKey: key,
    });
    this.serviceSecret = serviceSecret;
    const attached = serviceSecret.attach(this.cluster);
    if (profile.protectsData)
      for (const secret of [ownerSecret, serviceSecret]) secret.applyRemovalPolicy(RemovalPolicy.RETAIN);
    const rotatorGroup = new SecurityGroup(this, 'RotationGroup', {
      vpc,
      description: 'Functions that change passwords: to Aurora and to Secrets Manager',
      allowAllOutbound: false,
    });
    rotatorGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'Secrets Manager');
    const rotation = {
      automaticallyAfter: Duration.days(30),
      vpcSubnets: { subnetGroupName: 'pods' },
      securityGroup: rotatorGroup,
    };
    const rotations = [
      this.cluster.addRotationSingleUser(rotation),
      this.cluster.addRotationMultiUser('Service', { secret: attached, ...rotation }),
    ];
    for (const [index, one] of rotations.entries())
      one.node.defaultChild?.node.addDependency(
        logGroup(`RotationLogs${index + 1}`, `/aws/lambda/${Names.uniqueId(one)}`),
      );
  }
}
