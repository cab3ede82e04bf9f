import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BatchWriteItemCommand, DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import t from 'tap';
import { createDynamoDb } from './dynamodb.ts';
import { createSqs } from './sqs.ts';

interface Seen {
  readonly target: string;
  /** The SDK names itself; a direct call does not. */
  readonly bySdk: boolean;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

/** An HTTP server that answers as told, in turn, and the last for ever. */
async function startAws(
  t: { teardown(handler: () => unknown): void },
  ...answers: ((response: ServerResponse) => void)[]
) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      const { headers } = request;
      const bySdk = headers['user-agent']?.startsWith('aws-sdk-js') ?? false;
      seen.push({ target: String(headers['x-amz-target']), bySdk, headers, body: JSON.parse(text) });
      answers[Math.min(seen.length, answers.length) - 1]!(response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { seen, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const answer =
  (status: number, body: object) =>
  (response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
  };
const cut = (response: ServerResponse): void => void response.destroy();

const region = 'ap-northeast-1';
const write = { RequestItems: { locks: [{ DeleteRequest: { Key: { pk: { S: 'a' }, sk: { S: 'ü' } } } }] } };

t.test('the hot path’s calls go directly, signed, and give what the service answered', async (t) => {
  const { seen, endpoint } = await startAws(t, answer(200, { UnprocessedItems: write.RequestItems }));
  const dynamodb = createDynamoDb({ region, endpoint });
  t.teardown(() => dynamodb.destroy());
  t.match(await dynamodb.send(new BatchWriteItemCommand(write)), { UnprocessedItems: write.RequestItems });
  t.match(seen, [
    {
      target: 'DynamoDB_20120810.BatchWriteItem',
      bySdk: false,
      body: write,
      headers: { authorization: /^AWS4-HMAC-SHA256 Credential=local\/[0-9]{8}\/ap-northeast-1\/dynamodb\// },
    },
  ]);
});

t.test('other calls are the SDK’s', async (t) => {
  const { seen, endpoint } = await startAws(t, answer(200, { Attributes: { pk: { S: 'a' } } }));
  const dynamodb = createDynamoDb({ region, endpoint });
  t.teardown(() => dynamodb.destroy());
  const { Attributes } = await dynamodb.send(
    new DeleteItemCommand({ TableName: 'locks', Key: { pk: { S: 'a' } } }),
  );
  t.same(Attributes, { pk: { S: 'a' } });
  t.same(
    seen.map(({ bySdk }) => bySdk),
    [true],
  );
});

t.test('what was no success is the SDK’s to repeat', async (t) => {
  const failures = {
    'a throttle': answer(400, { __type: 'com.amazonaws#ThrottlingException', message: 'Slow down' }),
    'an outage': answer(500, { __type: 'com.amazonaws#InternalServerError' }),
    'a cut connection': cut,
    'an answer that is no JSON': (response: ServerResponse) => void response.end('<html>'),
  };
  for (const [name, failure] of Object.entries(failures)) {
    await t.test(name, async (t) => {
      const { seen, endpoint } = await startAws(t, failure, answer(200, { UnprocessedItems: {} }));
      const dynamodb = createDynamoDb({ region, endpoint });
      t.teardown(() => dynamodb.destroy());
      t.match(await dynamodb.send(new BatchWriteItemCommand(write)), { UnprocessedItems: {} });
      t.same(
        seen.map(({ bySdk }) => bySdk),
        [false, true],
      );
    });
  }
});

t.test('an error that repeating does not mend is thrown as the SDK throws it', async (t) => {
  const failure = { __type: 'com.amazonaws.dynamodb#ResourceNotFoundException', message: 'No such table' };
  const { seen, endpoint } = await startAws(t, answer(400, failure));
  const dynamodb = createDynamoDb({ region, endpoint });
  t.teardown(() => dynamodb.destroy());
  await t.rejects(dynamodb.send(new BatchWriteItemCommand(write)), { name: 'ResourceNotFoundException' });
  t.equal(seen.length, 2);
});

t.test('a call that is aborted is not repeated', async (t) => {
  const aborting = new AbortController();
  const { seen, endpoint } = await startAws(t, () => aborting.abort());
  const dynamodb = createDynamoDb({ region, endpoint });
  t.teardown(() => dynamodb.destroy());
  const sent = dynamodb.send(new BatchWriteItemCommand(write), { abortSignal: aborting.signal });
  await t.rejects(sent, { name: 'AbortError' });
  t.equal(seen.length, 1);
});

t.test('a call’s time is for all of its attempts together', async (t) => {
  const { endpoint } = await startAws(t, () => undefined);
  const dynamodb = createDynamoDb({ region, endpoint, requestTimeoutMs: 600_000 });
  t.teardown(() => dynamodb.destroy());
  await t.rejects(dynamodb.send(new BatchWriteItemCommand(write), { requestTimeout: 100 }));
});

t.test('the queue’s batches go directly, too', async (t) => {
  const { seen, endpoint } = await startAws(t, answer(200, { Successful: [{ Id: '0' }], Failed: [] }));
  const sqs = createSqs({ region, endpoint });
  t.teardown(() => sqs.destroy());
  const Entries = [{ Id: '0', MessageBody: '{}', MessageGroupId: 'pi_1', MessageDeduplicationId: 'x' }];
  const batch = { QueueUrl: `${endpoint}/0/commits.fifo`, Entries };
  t.match(await sqs.send(new SendMessageBatchCommand(batch)), { Successful: [{ Id: '0' }] });
  t.match(seen, [{ target: 'AmazonSQS.SendMessageBatch', bySdk: false, body: batch }]);
});
