import { RemovalPolicy } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc } from 'aws-cdk-lib/aws-ec2';
import { CfnParameterGroup, CfnReplicationGroup, CfnSubnetGroup } from 'aws-cdk-lib/aws-elasticache';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import type { Profile } from '../profile/profile.ts';

export interface CacheProps {
  readonly profile: Profile;
  readonly vpc: IVpc;
  readonly securityGroup: ISecurityGroup;
  readonly key: IKey;
}

/** Valkey in cluster mode, over TLS and with a password; replicas stand in other zones and take over by themselves. */
export class Cache extends Construct {
  readonly group: CfnReplicationGroup;
  readonly secret: Secret;

  constructor(scope: Construct, id: string, { profile, vpc, securityGroup, key }: CacheProps) {
    super(scope, id);
    const { shards, replicasPerShard, nodeType } = profile.cache;
    this.secret = new Secret(this, 'Password', {
      description: 'Password of Valkey',
      encryptionKey: key,
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy: profile.protectsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const subnets = new CfnSubnetGroup(this, 'Subnets', {
      description: 'Data tier',
      subnetIds: vpc.selectSubnets({ subnetGroupName: 'data' }).subnetIds,
    });
    const parameters = new CfnParameterGroup(this, 'Parameters', {
      cacheParameterGroupFamily: 'valkey8',
      description: 'Seats are no cache entries: writes fail before anything is evicted',
      properties: { 'cluster-enabled': 'yes', 'maxmemory-policy': 'noeviction' },
    });
    const slowLog = new LogGroup(this, 'SlowLog', {
      retention: profile.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.group = new CfnReplicationGroup(this, 'Group', {
      replicationGroupDescription: 'Waiting room, seats, caches',
      engine: 'valkey',
      engineVersion: '8.1',
      cacheNodeType: nodeType,
      clusterMode: 'enabled',
      numNodeGroups: shards,
      replicasPerNodeGroup: replicasPerShard,
      automaticFailoverEnabled: true,
      multiAzEnabled: replicasPerShard > 0,
      port: 6379,
      cacheSubnetGroupName: subnets.ref,
      cacheParameterGroupName: parameters.ref,
      securityGroupIds: [securityGroup.securityGroupId],
      transitEncryptionEnabled: true,
      transitEncryptionMode: 'required',
      atRestEncryptionEnabled: true,
      kmsKeyId: key.keyArn,
      authToken: this.secret.secretValue.unsafeUnwrap(),
      snapshotRetentionLimit: replicasPerShard > 0 ? 1 : 0,
      autoMinorVersionUpgrade: true,
      logDeliveryConfigurations: [
        {
          destinationType: 'cloudwatch-logs',
          destinationDetails: { cloudWatchLogsDetails: { logGroup: slowLog.logGroupName } },
          logFormat: 'json',
          logType: 'slow-log',
        },
      ],
    });
    this.group.applyRemovalPolicy(profile.protectsData ? RemovalPolicy.SNAPSHOT : RemovalPolicy.DESTROY);
    acknowledge(
      this.secret,
      'ElastiCache has no rotation function; the runbook rotates the password with auth-token-update-strategy ROTATE.',
      'AwsSolutions-SMG4',
    );
  }
}
