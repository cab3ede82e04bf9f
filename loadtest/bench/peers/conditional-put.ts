import { ConditionalCheckFailedException, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { holdMs, type Peer, type PeerStores } from './peer.ts';

/** One item for each seat, put on the condition that there is none, or that it has lapsed. */
export function createConditionalPutPeer({ dynamodbUrl }: PeerStores): Peer {
  const dynamodb = new DynamoDBClient({
    region: 'ap-northeast-1',
    endpoint: dynamodbUrl,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  return {
    open: async () => undefined,
    async hold(eventId, seatId, userId) {
      const nowMs = Date.now();
      try {
        await dynamodb.send(
          new PutItemCommand({
            TableName: 'peer-seats',
            Item: {
              pk: { S: `${eventId}#${seatId}` },
              userId: { S: userId },
              untilMs: { N: String(nowMs + holdMs) },
            },
            ConditionExpression: 'attribute_not_exists(pk) OR untilMs < :now',
            ExpressionAttributeValues: { ':now': { N: String(nowMs) } },
          }),
        );
        return 'held';
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return 'taken';
        throw error;
      }
    },
  };
}
