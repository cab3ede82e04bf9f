import { QueryCommand, type DynamoDBClient, type QueryCommandOutput } from '@aws-sdk/client-dynamodb';
import type { SaleId } from '@onsale/contracts/sale/sale-id';
import type { SeatMapSection } from '@onsale/contracts/sale/seat-map';
import { lockBuckets, lockPartition, unmarshallLockItem, type LockItem } from './lock-item.ts';

/** Reads all lock items of a section, consistently: what was written before the call is in the answer. */
export async function readLockItems(
  dynamodb: DynamoDBClient,
  table: string,
  saleId: SaleId,
  section: SeatMapSection,
): Promise<LockItem[]> {
  const partitions = Array.from({ length: lockBuckets(section) }, (_, bucket) =>
    lockPartition(saleId, section, bucket),
  );
  const items = await Promise.all(
    partitions.map(async (pk) => {
      const found: LockItem[] = [];
      let from: QueryCommandOutput['LastEvaluatedKey'];
      do {
        const page = await dynamodb.send(
          new QueryCommand({
            TableName: table,
            ConsistentRead: true,
            KeyConditionExpression: 'pk = :pk',
            ExpressionAttributeValues: { ':pk': { S: pk } },
            ...(from ? { ExclusiveStartKey: from } : {}),
          }),
        );
        for (const item of page.Items ?? []) found.push(unmarshallLockItem(item));
        from = page.LastEvaluatedKey;
      } while (from);
      return found;
    }),
  );
  return items.flat();
}
