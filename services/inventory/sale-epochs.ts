import {
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import type { SaleId } from '@onsale/contracts/sale/sale-id';
import { ApiError } from '@onsale/platform/http/api-error';
import { asUnavailable } from '@onsale/platform/engine-errors';

/**
 * How long a process may go by the epoch it read. A hold is acknowledged only on the word of a read begun no longer ago than
 * this, after its lock item was written. So this long after an epoch was raised, every hold acknowledged in the epoch before
 * has its lock item, and a rebuild that reads then misses none: not even those placed on a server that was cut off and
 * does not know yet that it is master no more.
 */
export const epochLeaseMs = 500;

/** Epochs of sales, kept in DynamoDB beside the lock items: Redis, which they guard, cannot be trusted with them. */
export interface SaleEpochs {
  /** The epoch last read, however old; reads when there is none. Undefined when the sale has none, or none can be read. */
  lastKnown(saleId: SaleId): Promise<number | undefined>;
  /** Begins a read unless one is recent, so that confirm need not wait for it. */
  prefetch(saleId: SaleId): void;
  /** Resolves when this is still the sale's epoch; otherwise, also when it was not known, rejects with 503. */
  confirm(saleId: SaleId, epoch: number | undefined): Promise<void>;
  /** Reads the epoch now. */
  read(saleId: SaleId): Promise<number | undefined>;
  /** Raises the epoch above what it is and above the floor; `first` when the sale had none. */
  raise(saleId: SaleId, floor: number): Promise<{ epoch: number; first: boolean }>;
}

interface Known {
  epoch: number | undefined;
  /** Monotonic milliseconds at which the read began. */
  readAt: number;
  reading: Promise<number | undefined> | undefined;
}

const maxSalesKnown = 1000;
const readDeadlineMs = 2000;

/** Makes {@link SaleEpochs}: one consistent read a sale and half second of a busy process. */
export function createSaleEpochs(dynamodb: DynamoDBClient, table: string): SaleEpochs {
  const sales = new Map<SaleId, Known>();

  const knownOf = (saleId: SaleId): Known => {
    let known = sales.get(saleId);
    if (!known) {
      known = { epoch: undefined, readAt: Number.NEGATIVE_INFINITY, reading: undefined };
      sales.set(saleId, known);
      if (sales.size > maxSalesKnown) sales.delete(sales.keys().next().value!);
    }
    return known;
  };
  const ageMs = (known: Known) => performance.now() - known.readAt;

  const read = (saleId: SaleId): Promise<number | undefined> => {
    const known = knownOf(saleId);
    known.reading ??= (async () => {
      const readAt = performance.now();
      try {
        const { Item } = await dynamodb.send(
          new GetItemCommand({ TableName: table, Key: epochKey(saleId), ConsistentRead: true }),
          { requestTimeout: readDeadlineMs },
        );
        known.epoch = Item ? Number(Item['epoch']!.N) : undefined;
        known.readAt = readAt;
        return known.epoch;
      } finally {
        known.reading = undefined;
      }
    })();
    return known.reading;
  };

  return {
    read,
    async lastKnown(saleId) {
      const known = knownOf(saleId);
      if (known.epoch !== undefined) return known.epoch;
      return read(saleId).catch(() => undefined);
    },
    prefetch(saleId) {
      if (ageMs(knownOf(saleId)) > epochLeaseMs / 2) read(saleId).catch(() => undefined);
    },
    async confirm(saleId, epoch) {
      const known = knownOf(saleId);
      if (ageMs(known) > epochLeaseMs) {
        try {
          await read(saleId);
        } catch (cause) {
          throw new ApiError('unavailable', 'The hold could not be confirmed; try again', { cause });
        }
      }
      // A read that took longer than the lease proves nothing either.
      if (epoch === undefined || known.epoch !== epoch || ageMs(known) > epochLeaseMs) {
        throw new ApiError('rebuilding', 'The seats are being restored; try again in a moment');
      }
    },
    async raise(saleId, floor) {
      for (;;) {
        const before = await read(saleId);
        const epoch = Math.max(before ?? 0, floor) + 1;
        try {
          await dynamodb.send(
            new PutItemCommand({
              TableName: table,
              Item: { ...epochKey(saleId), epoch: { N: String(epoch) } },
              ...(before === undefined
                ? { ConditionExpression: 'attribute_not_exists(pk)' }
                : {
                    ConditionExpression: 'epoch = :before',
                    ExpressionAttributeValues: { ':before': { N: String(before) } },
                  }),
            }),
          );
        } catch (error) {
          if (error instanceof ConditionalCheckFailedException) continue;
          throw asUnavailable(error) ?? error;
        }
        knownOf(saleId).epoch = epoch;
        return { epoch, first: before === undefined && floor === 0 };
      }
    },
  };
}

function epochKey(saleId: SaleId) {
  return { pk: { S: saleId }, sk: { S: 'epoch' } };
}
