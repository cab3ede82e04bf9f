import { createHash } from 'node:crypto';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { parseCommitMessage } from './settle/parse-commit-message.ts';

export interface RedriveOptions {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly dlqUrl: string;
  /** Most messages put back; default 1,000. */
  readonly limit?: number;
  /** Only reports. */
  readonly dryRun?: boolean;
  /** Which messages; default all that are commits. `reason` is why the worker put it away, if it was the worker. */
  readonly filter?: (message: { readonly body: string; readonly reason: string | undefined }) => boolean;
}

export interface RedriveReport {
  /** Put back, or with a dry run what would be. */
  readonly redriven: number;
  /** Left in the DLQ because the filter says so. */
  readonly filtered: number;
  /** Left in the DLQ because they are no commits: the worker would only put them away again. */
  readonly poison: number;
  /** The messages, without buyers. */
  readonly messages: readonly {
    readonly messageId: string;
    readonly intentId: string | undefined;
    readonly reason: string | undefined;
    readonly outcome: 'redriven' | 'filtered' | 'poison';
  }[];
}

/** What was looked at stays hidden this long, so that one run sees each message once. */
const hiddenSeconds = 120;

/**
 * Puts messages of the DLQ back on the commit queue: sent first, deleted after, so that none is lost; settling a commit
 * twice changes nothing, so that it may be stopped and repeated at any point. Messages that are left come back into view
 * when it ends.
 */
export async function redrive(options: RedriveOptions): Promise<RedriveReport> {
  const { sqs, queueUrl, dlqUrl, limit = 1000, dryRun = false, filter = () => true } = options;
  const messages: RedriveReport['messages'][number][] = [];
  const seen = new Set<string>();
  const left: Message[] = [];
  const count = (outcome: 'redriven' | 'filtered' | 'poison') =>
    messages.filter((message) => message.outcome === outcome).length;

  while (count('redriven') < limit) {
    const received = await receive(sqs, dlqUrl, Math.min(10, limit - count('redriven')));
    if (received.length === 0) break;
    for (const message of received) {
      const messageId = message.MessageId!;
      const body = message.Body ?? '';
      const reason = message.MessageAttributes?.['reason']?.StringValue;
      const parsed = parseCommitMessage(body);
      const outcome =
        parsed.outcome === 'poison' ? 'poison' : filter({ body, reason }) ? 'redriven' : 'filtered';
      if (outcome === 'redriven' && !dryRun) await putBack(sqs, queueUrl, dlqUrl, message);
      else left.push(message);
      if (seen.has(messageId)) continue;
      seen.add(messageId);
      const intentId = parsed.outcome === 'parsed' ? parsed.message.payload.intentId : undefined;
      messages.push({ messageId, intentId, reason, outcome });
    }
  }
  await showAgain(sqs, dlqUrl, left);
  return { redriven: count('redriven'), filtered: count('filtered'), poison: count('poison'), messages };
}

async function receive(sqs: SQSClient, dlqUrl: string, most: number): Promise<Message[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: dlqUrl,
      MaxNumberOfMessages: most,
      VisibilityTimeout: hiddenSeconds,
      WaitTimeSeconds: 1,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['MessageGroupId', 'ApproximateReceiveCount'],
    }),
  );
  return Messages;
}

async function putBack(sqs: SQSClient, queueUrl: string, dlqUrl: string, message: Message): Promise<void> {
  const { MessageId, Body, Attributes, MessageAttributes = {}, ReceiptHandle } = message;
  const { reason: _reason, ...attributes } = MessageAttributes;
  // New each time it is put back, as the queue remembers what it took in the last five minutes; the same for a repetition
  // after a lost answer, whose receive count is the same only if nobody has received it since.
  const dedupId = `${MessageId} ${Attributes?.ApproximateReceiveCount ?? ''}`;
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: Body,
      MessageGroupId: Attributes?.MessageGroupId ?? MessageId,
      MessageDeduplicationId: createHash('sha256').update(dedupId).digest('hex'),
      MessageAttributes: attributes,
    }),
  );
  await sqs.send(new DeleteMessageCommand({ QueueUrl: dlqUrl, ReceiptHandle }));
}

async function showAgain(sqs: SQSClient, dlqUrl: string, messages: readonly Message[]): Promise<void> {
  for (let from = 0; from < messages.length; from += 10) {
    const Entries = messages.slice(from, from + 10).map((message, index) => ({
      Id: String(index),
      ReceiptHandle: message.ReceiptHandle,
      VisibilityTimeout: 0,
    }));
    await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: dlqUrl, Entries }));
  }
}
