import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** Makes the reader of how many messages of a queue nobody works on yet, approximately. */
export function createQueueDepthReader(sqs: Pick<SQSClient, 'send'>, queueUrl: string) {
  return async (): Promise<number> => {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
    );
    return Number(Attributes?.ApproximateNumberOfMessages ?? 0);
  };
}
