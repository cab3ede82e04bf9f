import { setTimeout as delay } from 'node:timers/promises';
import {
  ChangeMessageVisibilityBatchCommand,
  SendMessageBatchCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { CommitProcessor } from '@onsale/orders/settle/process-commits';
import { withRemoteParent } from '@onsale/platform/trace-context';
import type { Logger } from 'pino';
import { Consumer } from 'sqs-consumer';

export interface CommitConsumer {
  start(): void;
  /** Receives no more, finishes and deletes what was received, and resolves then. */
  stop(): Promise<void>;
}

export interface CommitConsumerDeps {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  /** Absent: poison stays on the queue until the queue itself puts it away. */
  readonly dlqUrl: string | undefined;
  readonly processor: CommitProcessor;
  /** Whether commits can be settled at present. */
  readonly isReady: () => Promise<boolean>;
  readonly visibilityTimeoutSeconds: number;
  /** How long a poll of an empty queue takes; also about how long {@link CommitConsumer.stop} does. */
  readonly waitTimeSeconds: number;
  readonly logger: Logger;
}

interface Poison {
  readonly message: Message;
  readonly reason: string;
}

/** Longest pause between two looks whether PostgreSQL or the queue is back. */
const maxPauseMs = 5000;
/** A batch may take this long after a stop; the process's own limit is beyond it. */
const finishWithinMs = 60_000;

/**
 * Makes one consumer of the commit queue: batches of up to ten, one at a time. sqs-consumer polls, keeps messages hidden
 * while they are worked on, deletes those that are done and leaves the others. Several consumers in a process work side
 * by side.
 */
export function createCommitConsumer(deps: CommitConsumerDeps): CommitConsumer {
  const { sqs, queueUrl, dlqUrl, processor, isReady, visibilityTimeoutSeconds, waitTimeSeconds, logger } =
    deps;
  let failures = 0;
  const stopping = new AbortController();

  const handle = async (messages: Message[]): Promise<Message[]> => {
    const verdicts = await processor.process(messages.map((message) => message.Body));
    failures = 0;
    const done = messages.filter((_, index) => verdicts[index]!.verdict === 'done');
    const poison = messages.flatMap((message, index): Poison[] => {
      const verdict = verdicts[index]!;
      return verdict.verdict === 'poison' ? [{ message, reason: verdict.reason }] : [];
    });
    const retries = messages.filter((_, index) => verdicts[index]!.verdict === 'retry');
    const [putAwayMessages] = await Promise.all([putAway(poison), letComeAgain(retries)]);
    return [...done, ...putAwayMessages];
  };

  /**
   * Ends the hiding of messages that could not be settled: sqs-consumer does so only where a whole batch failed, and a buyer
   * waits for each. Soon at first; each delivery brings a message closer to the DLQ, so the next takes four times as long.
   */
  const letComeAgain = async (messages: readonly Message[]) => {
    if (messages.length === 0) return;
    const entries = messages.map((message, index) => ({
      Id: String(index),
      ReceiptHandle: message.ReceiptHandle,
      VisibilityTimeout: Math.min(
        4 ** (Number(message.Attributes?.ApproximateReceiveCount ?? 1) - 1),
        visibilityTimeoutSeconds,
      ),
    }));
    try {
      await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries: entries }));
    } catch (err) {
      logger.warn({ event: 'commit_hidden_longer', err }, 'A commit comes again only when its hiding ends');
    }
  };

  /** Moves poison to the DLQ with its reason; returns what has got there and may be deleted. */
  const putAway = async (poison: readonly Poison[]): Promise<Message[]> => {
    if (poison.length === 0 || dlqUrl === undefined) return [];
    const entries = poison.map(({ message, reason }, index) => ({
      Id: String(index),
      MessageBody: message.Body ?? '',
      MessageGroupId: message.Attributes?.MessageGroupId ?? 'poison',
      // The same message again, by a worker that died before deleting it, is one message there.
      MessageDeduplicationId: message.MessageId,
      MessageAttributes: {
        ...message.MessageAttributes,
        reason: { DataType: 'String', StringValue: reason },
      },
    }));
    const answer = await sqs.send(new SendMessageBatchCommand({ QueueUrl: dlqUrl, Entries: entries }));
    const there = new Set(answer.Successful?.map((entry) => entry.Id));
    for (const { message, reason } of poison) {
      logger.error({ event: 'commit_poisoned', messageId: message.MessageId, reason }, 'Put into the DLQ');
    }
    return poison.filter((_, index) => there.has(String(index))).map(({ message }) => message);
  };

  const consumer = Consumer.create({
    queueUrl,
    sqs,
    batchSize: 10,
    visibilityTimeout: visibilityTimeoutSeconds,
    heartbeatInterval: Math.max(1, Math.floor(visibilityTimeoutSeconds / 3)),
    waitTimeSeconds,
    messageAttributeNames: ['All'],
    messageSystemAttributeNames: ['MessageGroupId', 'ApproximateReceiveCount'],
    // A poll under way is waited for: what it brings would else stay hidden, and its intents with it, until it times out.
    pollingCompleteWaitTimeMs: finishWithinMs,
    suppressFifoWarning: true,
    strictReturn: true,
    handleMessageBatch: (messages) =>
      withRemoteParent(traceparentOf(messages), 'settle commits', () => handle(messages)),
    // While PostgreSQL is away nothing is received: each delivery that must fail brings a message closer to the DLQ.
    preReceiveMessageCallback: async () => {
      for (let tries = failures; tries > 0 && !stopping.signal.aborted; tries++) {
        const pauseMs = Math.min(100 * 2 ** Math.min(tries, 10), maxPauseMs);
        await delay(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
        if (await isReady()) return;
      }
    },
    // What failed comes again soon, not only when its visibility ends.
    terminateVisibilityTimeout: 1,
  });
  consumer.on('error', (err) => {
    failures++;
    if (!stopping.signal.aborted) logger.warn({ event: 'commit_batch_not_done', failures, err }, err.message);
  });

  consumer.on('empty', () => {
    failures = 0;
  });

  return {
    start: () => consumer.start(),
    stop: () =>
      new Promise((resolve) => {
        if (!consumer.status.isRunning) return resolve();
        stopping.abort();
        consumer.once('stopped', () => resolve());
        consumer.stop();
      }),
  };
}

/** A batch is one piece of work; it continues the trace of the first message that has one. */
function traceparentOf(messages: readonly Message[]): string | undefined {
  for (const { MessageAttributes } of messages) {
    const traceparent = MessageAttributes?.['traceparent']?.StringValue;
    if (traceparent) return traceparent;
  }
  return undefined;
}
