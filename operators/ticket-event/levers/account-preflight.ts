import { GetServiceQuotaCommand, type ServiceQuotasClient } from '@aws-sdk/client-service-quotas';

/** What the account must have room for. */
export interface AccountNeed {
  readonly pods: number;
  readonly vcpus: number;
  /** Pods of the largest target: they are the targets of one target group. */
  readonly largestTargetPods: number;
  /** Reserved for all load balancers together. */
  readonly capacityUnits: number;
}

/**
 * Quotas by the codes Service Quotas gives them. Every pod of a target is a target of one group; which groups share a load
 * balancer is not known here, so its own limit is compared with the largest group too.
 */
const quotas = (need: AccountNeed) =>
  [
    ['Fargate vCPUs', 'fargate', 'L-3032A538', Math.ceil(need.vcpus)],
    ['Targets of a target group', 'elasticloadbalancing', 'L-A0D0B863', need.largestTargetPods],
    ['Targets of a load balancer', 'elasticloadbalancing', 'L-7E6692B2', need.largestTargetPods],
    ['Reserved load balancer capacity units', 'elasticloadbalancing', 'L-8A66D0E6', need.capacityUnits],
  ] as const;

/**
 * Checks quotas and addresses a day ahead, while there is time to ask for more. Answers the problems in words; a quota
 * that cannot be read is a problem too.
 */
export async function preflightAccount(
  client: Pick<ServiceQuotasClient, 'send'>,
  need: AccountNeed,
  freeAddresses: (() => Promise<number>) | undefined,
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const [what, ServiceCode, QuotaCode, needed] of quotas(need)) {
    if (needed === 0) continue;
    try {
      const answer = await client.send(new GetServiceQuotaCommand({ ServiceCode, QuotaCode }));
      const value = answer.Quota?.Value ?? 0;
      if (needed > value) problems.push(`${what}: ${needed} needed, the quota ${QuotaCode} is ${value}`);
    } catch (error) {
      problems.push(`${what}: quota ${QuotaCode} cannot be read: ${(error as Error).message}`);
    }
  }
  if (freeAddresses) {
    try {
      const free = await freeAddresses();
      if (need.pods > free) problems.push(`Subnet addresses: ${need.pods} needed, ${free} are free`);
    } catch (error) {
      problems.push(`Subnet addresses cannot be read: ${(error as Error).message}`);
    }
  }
  return problems;
}
