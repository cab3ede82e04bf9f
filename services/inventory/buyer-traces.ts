import {
  ConditionalCheckFailedException,
  PutItemCommand,
  QueryCommand,
  type AttributeValue,
  type DynamoDBClient,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import type { CommitMessage } from '@onsale/contracts/queue/commit-message';
import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import type { SaleId } from '@onsale/contracts/sale/sale-id';
import { asUnavailable } from '@onsale/platform/engine-errors';
import type { RedisClient } from '@onsale/platform/redis';
import { buyerCapsKey, capBucketOf } from './inventory-keys.ts';
import { lockBuckets, lockPartition, unmarshallLockItem, type LockItem } from './lock-item.ts';
import { createSaleEpochs } from './sale-epochs.ts';
import { createRunInSection, locateSeats, saleSection, seatsBySection } from './sale-sections.ts';
import { loadSectionScript } from './section-script.ts';

const renameOwnerScript = loadSectionScript('rename-owner-6.lua');

/** What counts towards the most a buyer may have of a sale. */
export interface CountedHold {
  readonly holdId: string;
  readonly seatCount: number;
  /** Absent once it is sold; of one that is committing it is the time it had. */
  readonly expiresAtMs: number | undefined;
}

/** What Redis and DynamoDB keep of a buyer in a sale's seats. */
export interface BuyerTraces {
  /** Undefined when the buyer has held nothing of the sale, or it is forgotten. */
  readCounted(saleId: SaleId, userId: string): Promise<CountedHold[] | undefined>;
  /** Reads all of the sale's lock items to find the buyer's: nothing else asks for them by owner. */
  readLockItems(published: PublishedEvent, saleId: SaleId, userId: string): Promise<LockItem[]>;
  /** Puts another name in the place of the userId; repeating it changes nothing. The buyer holds nothing any more. */
  rename(request: {
    readonly published: PublishedEvent;
    readonly saleId: SaleId;
    readonly userId: string;
    readonly pseudonym: string;
    /** With live tickets. */
    readonly seatIds: readonly string[];
  }): Promise<void>;
}

export interface BuyerTracesDeps {
  readonly redis: RedisClient;
  readonly dynamodb: DynamoDBClient;
  readonly lockTable: string;
}

type StoredItem = Record<string, AttributeValue>;

/** Makes {@link BuyerTraces}. Rejects with ApiError 503 while a store is away or the seats are being restored. */
export function createBuyerTraces({ redis, dynamodb, lockTable }: BuyerTracesDeps): BuyerTraces {
  const run = createRunInSection(redis, createSaleEpochs(dynamodb, lockTable));

  const itemsOf = async (published: PublishedEvent, saleId: SaleId, userId: string) => {
    const found: StoredItem[] = [];
    for (const section of published.seatMap.sections) {
      for (let bucket = 0; bucket < lockBuckets(section); bucket++) {
        let from: QueryCommandOutput['LastEvaluatedKey'];
        do {
          const page: QueryCommandOutput = await dynamodb.send(
            new QueryCommand({
              TableName: lockTable,
              ConsistentRead: true,
              KeyConditionExpression: 'pk = :pk',
              FilterExpression: '#owner = :owner',
              ExpressionAttributeNames: { '#owner': 'owner' },
              ExpressionAttributeValues: {
                ':pk': { S: lockPartition(saleId, section, bucket) },
                ':owner': { S: userId },
              },
              ...(from ? { ExclusiveStartKey: from } : {}),
            }),
          );
          found.push(...(page.Items ?? []));
          from = page.LastEvaluatedKey;
        } while (from);
      }
    }
    return found;
  };

  const renameItem = async (item: StoredItem, userId: string, pseudonym: string) => {
    const message = item['message'];
    try {
      await dynamodb.send(
        new PutItemCommand({
          TableName: lockTable,
          Item: {
            ...item,
            owner: { S: pseudonym },
            ...(message?.S === undefined
              ? {}
              : { message: { S: renamedMessage(message.S, userId, pseudonym) } }),
          },
          // One that was removed since must not come back: it would claim its seats.
          ConditionExpression: '#owner = :owner',
          ExpressionAttributeNames: { '#owner': 'owner' },
          ExpressionAttributeValues: { ':owner': { S: userId } },
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  };

  return {
    readCounted: async (saleId, userId) => {
      const text = await redis.hget(buyerCapsKey(saleId, capBucketOf(userId)), userId).catch(rethrow);
      if (text === null) return undefined;
      return [...text.matchAll(/([^\s;]+) (\d+) \d+ (\d+);/g)].map(([, holdId, seats, expiresAtMs]) => ({
        holdId: holdId!,
        seatCount: Number(seats),
        expiresAtMs: Number(expiresAtMs) || undefined,
      }));
    },
    readLockItems: async (published, saleId, userId) =>
      (await itemsOf(published, saleId, userId).catch(rethrow)).map(unmarshallLockItem),
    async rename({ published, saleId, userId, pseudonym, seatIds }) {
      for (const [sectionIndex, indexes] of seatsBySection(locateSeats(published, seatIds))) {
        const target = saleSection(published, saleId, sectionIndex);
        // A sale that is over, or lost with its server, names nobody.
        if ((await redis.exists(target.keys.header).catch(rethrow)) === 0) continue;
        await run(renameOwnerScript, target, [userId, pseudonym, indexes]);
      }
      await redis.hdel(buyerCapsKey(saleId, capBucketOf(userId)), userId).catch(rethrow);
      try {
        for (const item of await itemsOf(published, saleId, userId)) {
          await renameItem(item, userId, pseudonym);
        }
      } catch (error) {
        rethrow(error);
      }
    },
  };
}

function renamedMessage(text: string, userId: string, pseudonym: string): string {
  const message = JSON.parse(text) as CommitMessage;
  return JSON.stringify({
    ...message,
    payload: { ...message.payload, userId: pseudonym },
    idem: message.idem.replaceAll(userId, pseudonym),
  });
}

function rethrow(error: unknown): never {
  throw asUnavailable(error) ?? error;
}
