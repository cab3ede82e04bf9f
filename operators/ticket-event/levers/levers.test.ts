import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ModifyDBClusterCommand, RDSClient } from '@aws-sdk/client-rds';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import t from 'tap';
import { preflightAccount } from './account-preflight.ts';
import { createAlbLever } from './alb-lever.ts';
import { createAuroraLever } from './aurora-lever.ts';
import { createDynamodbLever } from './dynamodb-lever.ts';
import { freeAddresses } from './free-addresses.ts';
import type { LeverMemory } from './lever.ts';
import { answerForAws } from './schema-checked-stub.ts';

function memory(): LeverMemory {
  const values = new Map<string, string>();
  return {
    get: (key) => values.get(key),
    async set(key, value) {
      if (value === undefined) values.delete(key);
      else values.set(key, value);
    },
  };
}
const settings = {
  region: 'ap-northeast-1',
  credentials: { accessKeyId: 'stub', secretAccessKey: 'stub' },
  maxAttempts: 1,
};
const arn = 'arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:loadbalancer/app/shop/1234567890123456';

t.test('the stub knows what the service does not, and sees what the SDK would send', async (t) => {
  const client = new RDSClient(settings);
  const sent = answerForAws(client, { ModifyDBClusterCommand: () => ({}) });
  const wrong = new ModifyDBClusterCommand({ DBClusterIdentifier: 'shop', MinCapacity: 4 } as never);
  await t.rejects(client.send(wrong), /MinCapacity is unknown/);
  const typed = new ModifyDBClusterCommand({ DBClusterIdentifier: 4 } as never);
  await t.rejects(client.send(typed), /DBClusterIdentifier is no string/);
  await t.rejects(client.send(new ModifyDBClusterCommand({} as never)), /DBClusterIdentifier is missing/);
  await client.send(
    new ModifyDBClusterCommand({
      DBClusterIdentifier: 'shop',
      ServerlessV2ScalingConfiguration: { MinCapacity: 4 },
    }),
  );
  t.equal(sent.length, 1);
  const { hostname, body, headers } = sent[0]!.request;
  t.equal(hostname, 'rds.ap-northeast-1.amazonaws.com');
  t.match(body, /^Action=ModifyDBCluster&.*ServerlessV2ScalingConfiguration\.MinCapacity=4/);
  t.match(headers['authorization'], /^AWS4-HMAC-SHA256 /);
});

t.test('a reservation is asked for once, awaited, and given back once', async (t) => {
  const alb = { units: 0, code: 'provisioned', decreases: 2 };
  const client = new ElasticLoadBalancingV2Client(settings);
  const sent = answerForAws(client, {
    DescribeCapacityReservationCommand: () => ({
      DecreaseRequestsRemaining: alb.decreases,
      ...(alb.units ? { MinimumLoadBalancerCapacity: { CapacityUnits: alb.units } } : {}),
      CapacityReservationState: alb.units
        ? [{ State: { Code: alb.code }, AvailabilityZone: 'ap-northeast-1a' }]
        : [],
    }),
    ModifyCapacityReservationCommand: (input: {
      ResetCapacityReservation?: boolean;
      MinimumLoadBalancerCapacity?: { CapacityUnits: number };
    }) => {
      alb.units = input.ResetCapacityReservation ? 0 : input.MinimumLoadBalancerCapacity!.CapacityUnits;
      alb.code = 'pending';
      return {};
    },
  });
  const lever = createAlbLever(client, memory());
  const changes = () => sent.filter((one) => one.name.startsWith('Modify')).length;
  t.equal((await lever.apply(arn, undefined)).state, 'idle');
  t.equal((await lever.apply(arn, { amount: 500 })).state, 'requested');
  t.equal((await lever.apply(arn, { amount: 500 })).state, 'requested', 'still being provisioned');
  t.match(
    (await lever.apply(arn, { amount: 800 })).message,
    /Waits for 500/,
    'the earlier request settles first',
  );
  t.equal(changes(), 1);
  alb.code = 'provisioned';
  t.equal((await lever.apply(arn, { amount: 500 })).state, 'ready');
  t.equal((await lever.apply(arn, { amount: 300 })).state, 'ready', 'never lowered while some is needed');
  t.equal(changes(), 1);
  alb.decreases = 0;
  t.match((await lever.apply(arn, undefined)).message, /No decrease is left/);
  alb.decreases = 1;
  t.match((await lever.apply(arn, undefined)).message, /Released 500/);
  t.equal((await lever.apply(arn, undefined)).state, 'idle');
  t.equal(changes(), 2);
});

t.test("somebody else's reservation is not given back", async (t) => {
  const client = new ElasticLoadBalancingV2Client(settings);
  answerForAws(client, {
    DescribeCapacityReservationCommand: () => ({
      MinimumLoadBalancerCapacity: { CapacityUnits: 900 },
      CapacityReservationState: [{ State: { Code: 'provisioned' } }],
    }),
  });
  const lever = createAlbLever(client, memory());
  t.equal((await lever.apply(arn, undefined)).state, 'idle');
  t.equal((await lever.apply(arn, { amount: 500 })).state, 'ready');
});

t.test('Aurora rises in half units up to its maximum, and returns to where it was', async (t) => {
  const cluster = { min: 0.5, max: 64, status: 'available' };
  const client = new RDSClient(settings);
  answerForAws(client, {
    DescribeDBClustersCommand: () => ({
      DBClusters: [
        {
          Status: cluster.status,
          ServerlessV2ScalingConfiguration: { MinCapacity: cluster.min, MaxCapacity: cluster.max },
        },
      ],
    }),
    ModifyDBClusterCommand: (input: { ServerlessV2ScalingConfiguration: { MinCapacity: number } }) => {
      cluster.min = input.ServerlessV2ScalingConfiguration.MinCapacity;
      return {};
    },
  });
  const lever = createAuroraLever(client, memory());
  t.same(await lever.preflight('shop', { amount: 100 }), ["minimum 100 is over the cluster's maximum of 64"]);
  t.equal((await lever.apply('shop', { amount: 31.7 })).state, 'requested');
  t.equal(cluster.min, 32);
  t.equal((await lever.apply('shop', { amount: 31.7 })).state, 'ready');
  cluster.status = 'modifying';
  t.match((await lever.apply('shop', undefined)).message, /Waits/);
  cluster.status = 'available';
  t.equal((await lever.apply('shop', undefined)).state, 'idle');
  t.equal(cluster.min, 0.5);
});

t.test('DynamoDB is only checked: the command is printed, never run', async (t) => {
  const client = new DynamoDBClient(settings);
  const sent = answerForAws(client, {
    DescribeTableCommand: () => ({
      Table: { WarmThroughput: { ReadUnitsPerSecond: 12_000, WriteUnitsPerSecond: 4000, Status: 'ACTIVE' } },
    }),
  });
  const lever = createDynamodbLever(client);
  t.equal((await lever.apply('locks', { amount: 4000, readUnits: 12_000 })).state, 'ready');
  const short = await lever.apply('locks', { amount: 20_000, readUnits: 100 });
  t.equal(short.state, 'manual');
  t.match(short.message, /--warm-throughput ReadUnitsPerSecond=12000,WriteUnitsPerSecond=20000/);
  t.same([...new Set(sent.map((one) => one.name))], ['DescribeTableCommand']);
});

t.test('a day ahead the account is asked for quotas and addresses', async (t) => {
  const quotas = new ServiceQuotasClient(settings);
  answerForAws(quotas, { GetServiceQuotaCommand: () => ({ Quota: { Value: 1000 } }) });
  const ec2 = new EC2Client(settings);
  const asked = answerForAws(ec2, {
    DescribeSubnetsCommand: () => ({
      Subnets: [{ AvailableIpAddressCount: 250 }, { AvailableIpAddressCount: 251 }],
    }),
  });
  const subnets = ['subnet-1', 'subnet-2'];
  const addresses = () => freeAddresses(ec2, subnets);
  const need = { pods: 500, vcpus: 900, largestTargetPods: 400, capacityUnits: 900 };
  t.same(await preflightAccount(quotas, need, addresses), []);
  t.same(asked[0]?.input, { SubnetIds: subnets });
  const tooMuch = { pods: 2000, vcpus: 2000, largestTargetPods: 1500, capacityUnits: 1500 };
  t.match(await preflightAccount(quotas, tooMuch, addresses), [
    /^Fargate vCPUs: 2000 needed/,
    /^Targets of a target group: 1500 needed/,
    /^Targets of a load balancer: 1500 needed/,
    /^Reserved load balancer capacity units: 1500 needed, the quota L-8A66D0E6 is 1000/,
    /^Subnet addresses: 2000 needed, 501 are free/,
  ]);
  t.equal((await preflightAccount(quotas, { ...tooMuch, capacityUnits: 0 }, undefined)).length, 3);
});
