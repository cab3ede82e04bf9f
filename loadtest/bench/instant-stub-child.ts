import { createHash } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { StubAnswer, StubOrder } from './instant-stub.ts';

// Stands for DynamoDB, SQS and the payment provider, and answers at once: what is measured is the caller. It keeps the
// little that callers ask back for: items put by name, and messages until they are deleted. Sends {port} when it serves.

type Item = Record<string, { S?: string; N?: string }>;

interface PutItem {
  readonly Item: Item;
  readonly ConditionExpression?: string;
}

interface Message {
  readonly id: string;
  readonly body: string;
  readonly group: string;
  readonly attributes: Record<string, unknown> | undefined;
}

interface Queue {
  readonly messages: Message[];
  readonly underWay: Map<string, Message>;
  readonly polls: Set<() => void>;
  open: boolean;
  deleted: number;
}

const items = new Map<string, Item>();
const queues = new Map<string, Queue>();
let lastId = 0;
let writes = 0;

function queueOf(url: string): Queue {
  const name = url.slice(url.lastIndexOf('/') + 1);
  let queue = queues.get(name);
  if (!queue) {
    queue = { messages: [], underWay: new Map(), polls: new Set(), open: true, deleted: 0 };
    queues.set(name, queue);
  }
  return queue;
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

function receive(queue: Queue): object[] {
  if (!queue.open) return [];
  return queue.messages.splice(0, 10).map((message) => {
    queue.underWay.set(message.id, message);
    return {
      MessageId: message.id,
      ReceiptHandle: message.id,
      Body: message.body,
      MD5OfBody: md5(message.body),
      Attributes: { MessageGroupId: message.group, ApproximateReceiveCount: '1' },
      ...(message.attributes ? { MessageAttributes: message.attributes } : {}),
    };
  });
}

function wake(queue: Queue): void {
  for (const poll of [...queue.polls]) poll();
}

const noRetries = { 'content-type': 'application/x-amz-json-1.0' };
const answer = (response: ServerResponse, status: number, body: object) => {
  const text = JSON.stringify(body);
  response.writeHead(status, { ...noRetries, 'content-length': Buffer.byteLength(text) }).end(text);
};

interface SqsBody {
  readonly QueueUrl: string;
  readonly WaitTimeSeconds?: number;
  readonly Entries?: readonly {
    readonly Id: string;
    readonly MessageBody: string;
    readonly MessageGroupId: string;
    readonly MessageAttributes?: Record<string, unknown>;
    readonly ReceiptHandle: string;
  }[];
}

function sqs(action: string, body: SqsBody, response: ServerResponse): void {
  const queue = queueOf(body.QueueUrl);
  const entries = body.Entries ?? [];
  switch (action) {
    case 'SendMessageBatch':
      for (const entry of entries) {
        queue.messages.push({
          id: `m${++lastId}`,
          body: entry.MessageBody,
          group: entry.MessageGroupId,
          attributes: entry.MessageAttributes,
        });
      }
      if (queue.open) wake(queue);
      return answer(response, 200, {
        Successful: entries.map(({ Id, MessageBody }) => ({
          Id,
          MessageId: `s${Id}`,
          MD5OfMessageBody: md5(MessageBody),
        })),
      });
    case 'ReceiveMessage': {
      const got = receive(queue);
      if (got.length > 0 || !body.WaitTimeSeconds) return answer(response, 200, { Messages: got });
      const give = () => {
        queue.polls.delete(give);
        clearTimeout(timer);
        answer(response, 200, { Messages: receive(queue) });
      };
      const timer = setTimeout(give, body.WaitTimeSeconds * 1000);
      queue.polls.add(give);
      response.on('close', () => {
        clearTimeout(timer);
        queue.polls.delete(give);
      });
      return;
    }
    case 'DeleteMessageBatch':
      for (const { ReceiptHandle } of entries) if (queue.underWay.delete(ReceiptHandle)) queue.deleted++;
      return answer(response, 200, { Successful: entries.map(({ Id }) => ({ Id })) });
    case 'GetQueueAttributes':
      return answer(response, 200, { Attributes: { QueueArn: 'arn:aws:sqs:local:0:bench.fifo' } });
    default:
      return answer(response, 200, {});
  }
}

function dynamodb(action: string, text: string, response: ServerResponse): void {
  switch (action) {
    case 'BatchWriteItem':
      // Counted as BatchWriteItem is charged: by item.
      writes += text.split('Request":').length - 1;
      return answer(response, 200, { UnprocessedItems: {} });
    case 'GetItem': {
      const { Key } = JSON.parse(text) as { Key: Item };
      const item = items.get(Key['pk']!.S!);
      return answer(response, 200, item ? { Item: item } : {});
    }
    case 'PutItem': {
      const { Item: item, ConditionExpression: condition } = JSON.parse(text) as PutItem;
      const name = item['pk']!.S!;
      // The only condition anybody asks for on a name that may be there: that it is not. Nothing lapses here meanwhile.
      if (condition?.startsWith('attribute_not_exists(pk) OR untilMs') && items.has(name)) {
        return answer(response, 400, {
          __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException',
          message: 'The conditional request failed',
        });
      }
      items.set(name, item);
      return answer(response, 200, {});
    }
    case 'Query':
      return answer(response, 200, { Items: [], Count: 0, ScannedCount: 0 });
    case 'DescribeTable':
      return answer(response, 200, { Table: { TableName: 'bench', TableStatus: 'ACTIVE' } });
    default:
      return answer(response, 200, {});
  }
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const text = Buffer.concat(chunks).toString();
    const [service, action] = String(request.headers['x-amz-target'] ?? '').split('.');
    if (service === 'AmazonSQS') return sqs(action!, JSON.parse(text) as SqsBody, response);
    if (service?.startsWith('DynamoDB')) return dynamodb(action!, text, response);
    return answer(response, 201, { status: 'open' });
  });
});
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', 4096, () => {
  process.send?.({ port: (server.address() as { port: number }).port });
});

process.on('message', (order: StubOrder) => {
  const queue = queueOf(order.queue);
  if (order.order === 'gate') {
    queue.open = order.open;
    if (order.open) wake(queue);
  }
  if (order.order === 'move') queueOf(order.to).messages.push(...queue.messages.splice(0));
  process.send?.({
    waiting: queue.messages.length,
    underWay: queue.underWay.size,
    deleted: queue.deleted,
    writes,
  } satisfies StubAnswer);
});
process.on('disconnect', () => process.exit(0));
