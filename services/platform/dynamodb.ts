import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { awsClientSettings, type AwsSettings } from './aws.ts';

/** A DynamoDB client; credentials come from the environment's own chain (IRSA in a cluster). */
export function createDynamoDb(settings: AwsSettings): DynamoDBClient {
  return new DynamoDBClient(awsClientSettings(settings));
}
