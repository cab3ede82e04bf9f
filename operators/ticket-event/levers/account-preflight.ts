import { DescribeSubnetsCommand, type EC2Client } from '@aws-sdk/client-ec2';
import { GetServiceQuotaCommand, type ServiceQuotasClient } from '@aws-sdk/client-service-quotas';

/** What the account must have room for. */
export interface AccountNeed {
  readonly pods: number;
  readonly vcpus: number;
  /** Pods of the largest target: they are the targets of one target group. */
  readonly largestTargetPods: number;
  readonly subnetIds: readonly string[];
}

/** Quotas by the codes Service Quotas gives them. */
const quotas = {
  fargateVcpus: { ServiceCode: 'fargate', QuotaCode: 'L-3032A538' },
  targetsPerAlb: { ServiceCode: 'elasticloadbalancing', QuotaCode: 'L-7E6692B2' },
} as const;

/**
 * Checks quotas and addresses a day ahead, while there is time to ask for more. Answers the problems in words; a quota
 * that cannot be read is a problem too.
 */
export async function preflightAccount(
  clients: { readonly quotas: Pick<ServiceQuotasClient, 'send'>; readonly ec2: Pick<EC2Client, 'send'> },
  need: AccountNeed,
): Promise<readonly string[]> {
  const problems: string[] = [];
  const check = async (what: string, quota: { ServiceCode: string; QuotaCode: string }, needed: number) => {
    try {
      const answer = await clients.quotas.send(new GetServiceQuotaCommand(quota));
      const value = answer.Quota?.Value ?? 0;
      if (needed > value)
        problems.push(`${what}: ${needed} needed, the quota ${quota.QuotaCode} is ${value}`);
    } catch (error) {
      problems.push(`${what}: quota ${quota.QuotaCode} cannot be read: ${(error as Error).message}`);
    }
  };
  await check('Fargate vCPUs', quotas.fargateVcpus, Math.ceil(need.vcpus));
  await check('Targets of the load balancer', quotas.targetsPerAlb, need.largestTargetPods);
  if (need.subnetIds.length > 0) {
    try {
      const answer = await clients.ec2.send(new DescribeSubnetsCommand({ SubnetIds: [...need.subnetIds] }));
      const free = (answer.Subnets ?? []).reduce((sum, one) => sum + (one.AvailableIpAddressCount ?? 0), 0);
      if (need.pods > free) problems.push(`Subnet addresses: ${need.pods} needed, ${free} are free`);
    } catch (error) {
      problems.push(`Subnet addresses cannot be read: ${(error as Error).message}`);
    }
  }
  return problems;
}
