import {
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { awsClientSettings, type AwsSettings, maxAwsConnections } from './aws.ts';
import { createDirectAwsCalls, sendDirectly } from './direct-aws-calls.ts';

/** A long poll takes up to 20 s, and its answer some more. */
const longPollTimeoutMs = 25_000;

/**
 * An SQS client; credentials come from the environment's own chain (IRSA in a cluster). Its timeout leaves room for long
 * polls; who only sends says a shorter one. The batches of the hot path go past the SDK's middleware.
 */
export function createSqs(settings: AwsSettings): SQSClient {
  const requestTimeoutMs = settings.requestTimeoutMs ?? longPollTimeoutMs;
  const client = new SQSClient(awsClientSettings({ ...settings, requestTimeoutMs }));
  const direct = createDirectAwsCalls(client, {
    target: 'AmazonSQS',
    signingName: 'sqs',
    requestTimeoutMs,
    maxConnections: maxAwsConnections,
  });
  return sendDirectly(
    client,
    direct,
    new Map<unknown, string>([
      [SendMessageBatchCommand, 'SendMessageBatch'],
      [ReceiveMessageCommand, 'ReceiveMessage'],
      [DeleteMessageBatchCommand, 'DeleteMessageBatch'],
    ]),
  );
}
