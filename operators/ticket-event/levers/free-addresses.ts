import { DescribeSubnetsCommand, type EC2Client } from '@aws-sdk/client-ec2';

/** Addresses these subnets have left, together: every pod on Fargate takes one. */
export async function freeAddresses(
  client: Pick<EC2Client, 'send'>,
  subnetIds: readonly string[],
): Promise<number> {
  const answer = await client.send(new DescribeSubnetsCommand({ SubnetIds: [...subnetIds] }));
  return (answer.Subnets ?? []).reduce((sum, one) => sum + (one.AvailableIpAddressCount ?? 0), 0);
}
