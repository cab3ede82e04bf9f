import { awsClientSettings } from '@onsale/platform/aws';
import type { DataLever } from '../plan/sale-demand.ts';
import type { AccountNeed } from './account-preflight.ts';
import type { Lever, LeverMemory } from './lever.ts';

/** A lever that is made when it is first moved: each AWS client takes up to 20 MiB, and few sales name all of them. */
function lazyLever(make: () => Promise<Lever>): Lever {
  let made: Promise<Lever> | undefined;
  const lever = () => (made ??= make());
  return {
    preflight: async (id, wanted) => (await lever()).preflight(id, wanted),
    apply: async (id, wanted) => (await lever()).apply(id, wanted),
  };
}

/** The levers of a Region on AWS. */
export function createLevers(region: string, memory: LeverMemory): Record<DataLever, Lever> {
  const settings = awsClientSettings({ region });
  return {
    alb: lazyLever(async () => {
      const { ElasticLoadBalancingV2Client } = await import('@aws-sdk/client-elastic-load-balancing-v2');
      const { createAlbLever } = await import('./alb-lever.ts');
      return createAlbLever(new ElasticLoadBalancingV2Client(settings), memory);
    }),
    aurora: lazyLever(async () => {
      const { RDSClient } = await import('@aws-sdk/client-rds');
      const { createAuroraLever } = await import('./aurora-lever.ts');
      return createAuroraLever(new RDSClient(settings), memory);
    }),
    dynamodb: lazyLever(async () => {
      const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
      const { createDynamodbLever } = await import('./dynamodb-lever.ts');
      return createDynamodbLever(new DynamoDBClient(settings));
    }),
  };
}

/**
 * The account's preflight on AWS; `subnetIds` are those of the Fargate profile, whose addresses are counted. Without any
 * the EC2 client is not loaded: it is larger than all others together.
 */
export function createAccountPreflight(region: string, subnetIds: readonly string[]) {
  const settings = awsClientSettings({ region });
  const countAddresses = async () => {
    const { EC2Client } = await import('@aws-sdk/client-ec2');
    const { freeAddresses } = await import('./free-addresses.ts');
    const client = new EC2Client(settings);
    try {
      return await freeAddresses(client, subnetIds);
    } finally {
      client.destroy();
    }
  };
  return async (need: AccountNeed): Promise<readonly string[]> => {
    const { ServiceQuotasClient } = await import('@aws-sdk/client-service-quotas');
    const { preflightAccount } = await import('./account-preflight.ts');
    const client = new ServiceQuotasClient(settings);
    try {
      return await preflightAccount(client, need, subnetIds.length > 0 ? countAddresses : undefined);
    } finally {
      client.destroy();
    }
  };
}
