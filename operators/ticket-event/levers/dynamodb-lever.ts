import { DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Lever, LeverState } from './lever.ts';

/**
 * Checks warm throughput and prints the command that raises it. It is never raised here: it is charged at once and can
 * never be lowered, so a person decides.
 */
export function createDynamodbLever(client: Pick<DynamoDBClient, 'send'>): Lever {
  const look = async (table: string, wanted: { amount: number; readUnits?: number }): Promise<LeverState> => {
    const answer = await client.send(new DescribeTableCommand({ TableName: table }));
    const warm = answer.Table?.WarmThroughput;
    const reads = warm?.ReadUnitsPerSecond ?? 0;
    const writes = warm?.WriteUnitsPerSecond ?? 0;
    const readsWanted = Math.max(wanted.readUnits ?? 0, reads);
    const writesWanted = Math.max(wanted.amount, writes);
    if (reads >= readsWanted && writes >= writesWanted) {
      return { state: 'ready', message: `Warm for ${reads} reads and ${writes} writes a second` };
    }
    if (warm?.Status === 'UPDATING') {
      return { state: 'requested', message: `Warming up from ${reads} reads and ${writes} writes a second` };
    }
    return {
      state: 'manual',
      message:
        `Warm for ${reads} reads and ${writes} writes a second. Charged and not reversible: ` +
        `aws dynamodb update-table --table-name ${table} ` +
        `--warm-throughput ReadUnitsPerSecond=${readsWanted},WriteUnitsPerSecond=${writesWanted}`,
    };
  };
  return {
    async preflight(table, wanted) {
      const { state, message } = await look(table, wanted);
      return state === 'ready' ? [] : [message];
    },
    apply: async (table, wanted) =>
      wanted ? look(table, wanted) : { state: 'idle', message: 'No warm throughput is needed' },
  };
}
