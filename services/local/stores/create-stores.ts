import { createLockTable } from '@onsale/inventory/lock-table';
import { type CommitQueue, createCommitQueue } from '@onsale/orders/commit-queue';
import { createDynamoDb } from '@onsale/platform/dynamodb';
import { createSqs } from '@onsale/platform/sqs';

/** Where the emulators are, and what to make in them. */
export interface StoresOptions {
  readonly region: string;
  readonly dynamodbEndpoint: string;
  readonly sqsEndpoint: string;
  /** Of the lock items. */
  readonly table: string;
  /** Of the commits, without `.fifo`; its DLQ is named after it. */
  readonly queue: string;
}

/** Makes the lock table, the commit queue and its DLQ, or finds them: what a deployment's stacks do, for emulators. */
export async function createStores(options: StoresOptions): Promise<CommitQueue> {
  const { region, dynamodbEndpoint, sqsEndpoint, table, queue } = options;
  const dynamodb = createDynamoDb({ region, endpoint: dynamodbEndpoint });
  const sqs = createSqs({ region, endpoint: sqsEndpoint });
  try {
    const [made] = await Promise.all([createCommitQueue(sqs, queue), createLockTable(dynamodb, table)]);
    return made;
  } finally {
    dynamodb.destroy();
    sqs.destroy();
  }
}
