import { SQSClient } from '@aws-sdk/client-sqs';
import { awsClientSettings, type AwsSettings } from './aws.ts';

/** An SQS client; credentials come from the environment's own chain (IRSA in a cluster). */
export function createSqs(settings: AwsSettings): SQSClient {
  return new SQSClient(awsClientSettings(settings));
}
