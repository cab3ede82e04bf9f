import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

export interface CommitQueue {
  readonly queueUrl: string;
  readonly dlqUrl: string;
}

export interface CommitQueueOptions {
  readonly visibilityTimeoutSeconds?: number;
  /** Deliveries without success before the queue itself puts a message into the DLQ. */
  readonly maxReceives?: number;
}

const fourteenDaysSeconds = '1209600';

/**
 * Makes the commit queue `<name>.fifo` and its DLQ `<name>-dlq.fifo`, or finds them and corrects what can be corrected.
 * Both are in high-throughput mode: the limit and the deduplication are per message group, which is per intent.
 */
export async function createCommitQueue(
  sqs: SQSClient,
  name: string,
  { visibilityTimeoutSeconds = 60, maxReceives = 5 }: CommitQueueOptions = {},
): Promise<CommitQueue> {
  const fifo = {
    FifoQueue: 'true',
    DeduplicationScope: 'messageGroup',
    FifoThroughputLimit: 'perMessageGroupId',
  };
  const retention = { MessageRetentionPeriod: fourteenDaysSeconds };
  const dlqUrl = await ensureQueue(sqs, `${name}-dlq.fifo`, fifo, retention);
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: dlqUrl, AttributeNames: ['QueueArn'] }),
  );
  const deadLetterTargetArn = Attributes?.['QueueArn'];
  if (!deadLetterTargetArn) throw new Error(`SQS did not tell the ARN of ${dlqUrl}`);
  const queueUrl = await ensureQueue(sqs, `${name}.fifo`, fifo, {
    ...retention,
    VisibilityTimeout: String(visibilityTimeoutSeconds),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: maxReceives }),
  });
  return { queueUrl, dlqUrl };
}

/** SQS answers the same creation again with the same queue, and another one with an error: so what may change comes after. */
async function ensureQueue(
  sqs: SQSClient,
  queueName: string,
  fixed: Record<string, string>,
  changeable: Record<string, string>,
): Promise<string> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: queueName, Attributes: fixed }));
  if (!QueueUrl) throw new Error(`SQS did not tell the URL of ${queueName}`);
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: changeable }));
  return QueueUrl;
}
