import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { RDSClient } from '@aws-sdk/client-rds';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { awsClientSettings } from '@onsale/platform/aws';
import type { DataLever } from '../plan/sale-demand.ts';
import { preflightAccount } from './account-preflight.ts';
import { createAlbLever } from './alb-lever.ts';
import { createAuroraLever } from './aurora-lever.ts';
import { createDynamodbLever } from './dynamodb-lever.ts';
import type { Lever, LeverMemory } from './lever.ts';

/** The levers of a Region on AWS. */
export function createLevers(region: string, memory: LeverMemory): Record<DataLever, Lever> {
  const settings = awsClientSettings({ region });
  return {
    alb: createAlbLever(new ElasticLoadBalancingV2Client(settings), memory),
    aurora: createAuroraLever(new RDSClient(settings), memory),
    dynamodb: createDynamodbLever(new DynamoDBClient(settings)),
  };
}

/** The account's preflight on AWS; one vCPU a pod, the largest size the charts ask for. */
export function createAccountPreflight(region: string) {
  const settings = awsClientSettings({ region });
  const clients = { quotas: new ServiceQuotasClient(settings), ec2: new EC2Client(settings) };
  return (floors: readonly number[]) => {
    const pods = floors.reduce((sum, one) => sum + one, 0);
    return preflightAccount(clients, {
      pods,
      vcpus: pods,
      largestTargetPods: Math.max(0, ...floors),
      subnetIds: [],
    });
  };
}
