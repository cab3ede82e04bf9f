// Reads the committed templates, which golden.test.ts compares with the code: nothing is synthesized here.
import { readFileSync } from 'node:fs';
import t from 'tap';
import { parse } from 'yaml';
import { properties, resources } from './golden-fixture.ts';
import { goldenFolder } from './golden.ts';
import { outputNames } from './outputs.ts';
import { profiles } from './profile/profile.ts';

t.test(
  'commits travel through FIFO queues in high-throughput mode, encrypted, with a place for poison',
  async (t) => {
    for (const { name } of Object.values(profiles)) {
      const queues = properties(name, 'AWS::SQS::Queue');
      t.equal(queues.length, 2);
      for (const queue of queues) {
        t.match(queue, {
          FifoQueue: true,
          DeduplicationScope: 'messageGroup',
          FifoThroughputLimit: 'perMessageGroupId',
          KmsMasterKeyId: {},
        });
      }
      t.same(
        queues
          .map(({ RedrivePolicy }) => RedrivePolicy?.maxReceiveCount)
          .filter((count) => count !== undefined),
        [5],
      );
    }
  },
);

t.test('the lock table has the keys and the expiry that the inventory writes', async (t) => {
  const inventory = readFileSync(new URL('../../services/inventory/lock-table.ts', import.meta.url), 'utf8');
  const ttl = /ttlAttribute = '(\w+)'/.exec(inventory)?.[1];
  const keys = Array.from(inventory.matchAll(/AttributeName: '(\w+)', KeyType: '(\w+)'/g), (found) => ({
    AttributeName: found[1],
    KeyType: found[2],
  }));
  t.equal(keys.length, 2);
  for (const { name } of Object.values(profiles)) {
    const [table] = properties(name, 'AWS::DynamoDB::Table');
    t.same(table.KeySchema, keys);
    t.same(table.TimeToLiveSpecification, { AttributeName: ttl, Enabled: true });
    t.ok(table.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled);
    t.equal(table.BillingMode, 'PAY_PER_REQUEST');
  }
});

t.test('what holds data refuses deletion where it matters', async (t) => {
  for (const name of ['staging', 'production'] as const) {
    for (const type of [
      'AWS::RDS::DBCluster',
      'AWS::DynamoDB::Table',
      'AWS::SQS::Queue',
      'AWS::SecretsManager::Secret',
    ])
      for (const resource of resources(name, type))
        t.equal(resource.DeletionPolicy, 'Retain', `${name} ${type}`);
    t.equal(properties(name, 'AWS::RDS::DBCluster')[0].DeletionProtection, true);
    t.equal(properties(name, 'AWS::DynamoDB::Table')[0].DeletionProtectionEnabled, true);
  }
});

t.test('no data tier is public, and every byte of it is encrypted', async (t) => {
  for (const { name } of Object.values(profiles)) {
    for (const instance of properties(name, 'AWS::RDS::DBInstance')) t.not(instance.PubliclyAccessible, true);
    const [cluster] = properties(name, 'AWS::RDS::DBCluster');
    t.ok(cluster.StorageEncrypted);
    t.equal(
      properties(name, 'AWS::RDS::DBClusterParameterGroup')[0].Parameters['rds.force_ssl'],
      '1',
      'TLS or nothing',
    );
    t.match(properties(name, 'AWS::ElastiCache::ReplicationGroup')[0], {
      TransitEncryptionEnabled: true,
      TransitEncryptionMode: 'required',
      AtRestEncryptionEnabled: true,
      AuthToken: {},
      AutomaticFailoverEnabled: true,
    });
    for (const rule of properties(name, 'AWS::EC2::SecurityGroupIngress'))
      t.equal(rule.CidrIp, undefined, 'security groups name each other');
    for (const bucket of properties(name, 'AWS::S3::Bucket'))
      t.ok(bucket.PublicAccessBlockConfiguration.RestrictPublicBuckets);
  }
});

t.test(
  'writer and reader stand in different zones, and no less than two shards lose a node unharmed',
  async (t) => {
    const { aurora, cache, zones } = profiles.production;
    t.ok(aurora.readers >= 1 && cache.replicasPerShard >= 1 && zones === 3);
    t.equal(properties('production', 'AWS::RDS::DBInstance').length, 1 + aurora.readers);
    t.equal(properties('production', 'AWS::ElastiCache::ReplicationGroup')[0].MultiAZEnabled, true);
  },
);

t.test(
  'CloudFront caches what the services say, never an error, and reaches an internal load balancer',
  async (t) => {
    for (const { name } of Object.values(profiles)) {
      const [{ DistributionConfig: config }] = properties(name, 'AWS::CloudFront::Distribution');
      for (const { ErrorCachingMinTTL } of config.CustomErrorResponses) t.equal(ErrorCachingMinTTL, 0);
      t.ok(config.CustomErrorResponses.some(({ ErrorCode }: { ErrorCode: number }) => ErrorCode === 503));
      const [{ CachePolicyConfig: cache }] = properties(name, 'AWS::CloudFront::CachePolicy');
      t.match(cache, { MinTTL: 0, MaxTTL: 10 });
      t.ok(cache.ParametersInCacheKeyAndForwardedToOrigin.EnableAcceptEncodingBrotli);
      t.same(
        config.CacheBehaviors.map(({ PathPattern }: { PathPattern: string }) => PathPattern),
        ['/public/*', '/confirm/*', '/api/*'],
      );
      const cachingDisabled = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
      for (const behavior of config.CacheBehaviors.slice(1)) t.equal(behavior.CachePolicyId, cachingDisabled);
      t.ok(config.WebACLId, 'behind the firewall');
      t.equal(properties(name, 'AWS::ElasticLoadBalancingV2::LoadBalancer')[0].Scheme, 'internal');
      const fromOutside = properties(name, 'AWS::EC2::SecurityGroupIngress').filter(
        ({ SourcePrefixListId }) => SourcePrefixListId !== undefined,
      );
      t.equal(fromOutside.length, 1, 'one way in: CloudFront’s prefix list');
    }
  },
);

t.test('each role is taken by one service account of this cluster', async (t) => {
  const documents = properties('production', 'AWS::IAM::Role')
    .map(({ AssumeRolePolicyDocument: document }) => document['Fn::Sub']?.[0] as string | undefined)
    .filter((text) => text !== undefined)
    .map((text) => JSON.parse(text));
  const subjects = documents.map(({ Statement: [{ Condition }] }) => Condition.StringEquals['${Issuer}:sub']);
  t.same(subjects.sort(), [
    'system:serviceaccount:external-secrets:external-secrets',
    'system:serviceaccount:keda:keda-operator',
    'system:serviceaccount:kube-system:aws-load-balancer-controller',
    'system:serviceaccount:observability:collector',
    'system:serviceaccount:observability:prometheus-adapter',
    'system:serviceaccount:onsale:confirm-api',
    'system:serviceaccount:onsale:confirm-worker',
    'system:serviceaccount:onsale:public-api',
    'system:serviceaccount:onsale:ticket-event-operator',
  ]);
  for (const { Statement } of documents)
    t.equal(Statement[0].Condition.StringEquals['${Issuer}:aud'], 'sts.amazonaws.com');
});

t.test('a development deployment costs little when idle', async (t) => {
  t.equal(properties('dev', 'AWS::EC2::NatGateway').length, 0);
  t.equal(
    properties('dev', 'AWS::RDS::DBCluster')[0].ServerlessV2ScalingConfiguration.MinCapacity,
    0,
    'the database pauses',
  );
});

t.test('every output that charts and delivery read is there, in every profile', async (t) => {
  for (const { name } of Object.values(profiles)) {
    for (const [part, outputs] of Object.entries(outputNames)) {
      const file = new URL(`ap-northeast-1-${part}.yaml`, goldenFolder(name));
      const { Outputs } = parse(readFileSync(file, 'utf8')) as {
        Outputs: Record<string, { Value: unknown }>;
      };
      for (const output of outputs) t.ok(Outputs[output]?.Value, `${name} ${part} ${output}`);
    }
  }
});
