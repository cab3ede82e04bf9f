import { SQSClient } from '@aws-sdk/client-sqs';
import { awsClientSettings, type AwsSettings } from './aws.ts';

/** A long poll takes up to 20 s, and its answer some more. */
const longPollTimeoutMs = 25_000;

/**
 * An SQS client; credentials come from the environment's own chain (IRSA in a cluster). Its timeout leaves room for long
 * polls; who only sends says a shorter one.
 */
export function createSqs(settings: AwsSettings): SQSClient {
  return new SQSClient(awsClientSettings({ requestTimeoutMs: longPollTimeoutMs, ...settings }));
}
