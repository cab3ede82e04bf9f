import {
  DescribeCapacityReservationCommand,
  type ElasticLoadBalancingV2Client,
  ModifyCapacityReservationCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Lever, LeverMemory, LeverState } from './lever.ts';

/**
 * Reserves load balancer capacity units. A request must settle before the next, and only two decreases a day are
 * allowed: so the reservation is not lowered while any sale needs some, and is reset once when none does.
 */
export function createAlbLever(
  client: Pick<ElasticLoadBalancingV2Client, 'send'>,
  memory: LeverMemory,
): Lever {
  const describe = async (arn: string) => {
    const answer = await client.send(new DescribeCapacityReservationCommand({ LoadBalancerArn: arn }));
    const zones = answer.CapacityReservationState ?? [];
    return {
      reserved: answer.MinimumLoadBalancerCapacity?.CapacityUnits ?? 0,
      decreasesLeft: answer.DecreaseRequestsRemaining,
      pending: zones.some((zone) => zone.State?.Code === 'pending' || zone.State?.Code === 'rebalancing'),
      failed: zones.find((zone) => zone.State?.Code === 'failed')?.State?.Reason,
      settled: zones.length > 0 && zones.every((zone) => zone.State?.Code === 'provisioned'),
    };
  };
  return {
    async preflight(arn, { amount }) {
      const { reserved, pending, decreasesLeft } = await describe(arn);
      const problems: string[] = [];
      if (pending && reserved < amount) problems.push('an earlier reservation is still being provisioned');
      if (decreasesLeft === 0)
        problems.push('no decrease is left today: the reservation will stay until tomorrow');
      return problems;
    },
    async apply(arn, wanted): Promise<LeverState> {
      const now = await describe(arn);
      if (wanted === undefined) {
        // What somebody else reserved is not ours to give back.
        if (memory.get(`alb/${arn}`) === undefined || now.reserved === 0) {
          await memory.set(`alb/${arn}`, undefined);
          return { state: 'idle', message: 'No reservation is needed' };
        }
        if (now.pending)
          return { state: 'requested', message: 'Waits for a request to settle before it releases' };
        if (now.decreasesLeft === 0) {
          return {
            state: 'requested',
            message: `No decrease is left today; ${now.reserved} units stay reserved`,
          };
        }
        await client.send(
          new ModifyCapacityReservationCommand({ LoadBalancerArn: arn, ResetCapacityReservation: true }),
        );
        await memory.set(`alb/${arn}`, undefined);
        return { state: 'idle', message: `Released ${now.reserved} units` };
      }
      if (now.reserved >= wanted.amount) {
        if (now.failed) return { state: 'failed', message: `Reservation failed: ${now.failed}` };
        return now.settled
          ? { state: 'ready', message: `${now.reserved} units are provisioned` }
          : { state: 'requested', message: `${now.reserved} units are being provisioned` };
      }
      if (now.pending) {
        return {
          state: 'requested',
          message: `Waits for ${now.reserved} units to settle, then asks for ${wanted.amount}`,
        };
      }
      await memory.set(`alb/${arn}`, String(wanted.amount));
      await client.send(
        new ModifyCapacityReservationCommand({
          LoadBalancerArn: arn,
          MinimumLoadBalancerCapacity: { CapacityUnits: wanted.amount },
        }),
      );
      return { state: 'requested', message: `Asked for ${wanted.amount} units` };
    },
  };
}
