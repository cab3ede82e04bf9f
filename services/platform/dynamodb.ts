import {
  BatchWriteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { awsClientSettings, type AwsSettings, maxAwsConnections } from './aws.ts';
import { createDirectAwsCalls, sendDirectly } from './direct-aws-calls.ts';

/**
 * A DynamoDB client; credentials come from the environment's own chain (IRSA in a cluster). BatchWriteItem, which the hot
 * path makes, goes past the SDK's middleware: 150 µs a call instead of 480; so does Query, whose answers may have thousands of
 * items, and GetItem, which each process makes some times a second for each sale: so seldom that the SDK's code stays cold.
 * They take strings and numbers only then.
 */
export function createDynamoDb(settings: AwsSettings): DynamoDBClient {
  const client = new DynamoDBClient(awsClientSettings(settings));
  const direct = createDirectAwsCalls(client, {
    target: 'DynamoDB_20120810',
    signingName: 'dynamodb',
    requestTimeoutMs: settings.requestTimeoutMs,
    maxConnections: maxAwsConnections,
  });
  const operations = new Map<unknown, string>([
    [BatchWriteItemCommand, 'BatchWriteItem'],
    [GetItemCommand, 'GetItem'],
    [QueryCommand, 'Query'],
  ]);
  return sendDirectly(client, direct, operations);
}
