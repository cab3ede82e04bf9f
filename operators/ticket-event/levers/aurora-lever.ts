import { DescribeDBClustersCommand, ModifyDBClusterCommand, type RDSClient } from '@aws-sdk/client-rds';
import type { Lever, LeverMemory, LeverState } from './lever.ts';

/** Capacity units come in halves. */
const halfUp = (units: number) => Math.ceil(units * 2) / 2;

/** Raises the minimum capacity of an Aurora Serverless v2 cluster, and returns it to what it was before. */
export function createAuroraLever(client: Pick<RDSClient, 'send'>, memory: LeverMemory): Lever {
  const describe = async (clusterId: string) => {
    const answer = await client.send(new DescribeDBClustersCommand({ DBClusterIdentifier: clusterId }));
    const cluster = answer.DBClusters?.[0];
    return {
      status: cluster?.Status ?? 'missing',
      scaling: cluster?.ServerlessV2ScalingConfiguration,
      min: cluster?.ServerlessV2ScalingConfiguration?.MinCapacity ?? 0,
      max: cluster?.ServerlessV2ScalingConfiguration?.MaxCapacity ?? 0,
    };
  };
  const modify = (clusterId: string, min: number, max: number) =>
    client.send(
      new ModifyDBClusterCommand({
        DBClusterIdentifier: clusterId,
        ApplyImmediately: true,
        ServerlessV2ScalingConfiguration: { MinCapacity: min, MaxCapacity: max },
      }),
    );
  return {
    async preflight(clusterId, { amount }) {
      const { scaling, max, status } = await describe(clusterId);
      if (!scaling) return [`cluster ${clusterId} has no Serverless v2 scaling (${status})`];
      return halfUp(amount) > max
        ? [`minimum ${halfUp(amount)} is over the cluster's maximum of ${max}`]
        : [];
    },
    async apply(clusterId, wanted): Promise<LeverState> {
      const now = await describe(clusterId);
      if (!now.scaling) {
        return wanted
          ? { state: 'failed', message: `Cluster ${clusterId} has no Serverless v2 scaling (${now.status})` }
          : { state: 'idle', message: 'No minimum is needed' };
      }
      const before = memory.get(`aurora/${clusterId}`);
      if (wanted === undefined) {
        if (before === undefined) return { state: 'idle', message: 'No minimum is needed' };
        if (now.status !== 'available') {
          return { state: 'requested', message: `Waits for the cluster (${now.status}) before it releases` };
        }
        if (now.min !== Number(before)) await modify(clusterId, Number(before), now.max);
        await memory.set(`aurora/${clusterId}`, undefined);
        return { state: 'idle', message: `Minimum is ${before} again` };
      }
      const target = Math.max(Math.min(halfUp(wanted.amount), now.max), Number(before ?? now.min));
      const capped =
        halfUp(wanted.amount) > now.max ? `; ${halfUp(wanted.amount)} asked, the maximum is ${now.max}` : '';
      if (now.status !== 'available') {
        return { state: 'requested', message: `Waits for the cluster (${now.status})` };
      }
      if (now.min === target) return { state: 'ready', message: `Minimum is ${target}${capped}` };
      if (before === undefined) await memory.set(`aurora/${clusterId}`, String(now.min));
      await modify(clusterId, target, now.max);
      return { state: 'requested', message: `Minimum ${now.min} becomes ${target}${capped}` };
    },
  };
}
