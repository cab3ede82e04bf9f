import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import t, { type Test } from 'tap';
import { createDynamoDb } from './dynamodb.ts';
import { asUnavailable } from './engine-errors.ts';
import { dynamoDbCheck } from './readiness-checks.ts';
import { createSqs } from './sqs.ts';

/** A service that counts what it is asked and answers, or does not, as told. */
async function stub(t: Test, answer: (attempt: number) => { status: number; body: object } | undefined) {
  let attempts = 0;
  const server = createServer((request, response) => {
    request.resume();
    const said = answer(++attempts);
    if (said === undefined) return;
    response.writeHead(said.status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify(said.body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, attempts: () => attempts };
}

const region = 'ap-northeast-1';
// One of those that are the SDK's alone.
const remove = new DeleteItemCommand({ TableName: 'x', Key: { id: { S: '1' } } });

t.test('a service that never answers is given up on, attempt by attempt', async (t) => {
  const { endpoint, attempts } = await stub(t, () => undefined);
  const dynamoDb = createDynamoDb({ region, endpoint, requestTimeoutMs: 500 });
  const sqs = createSqs({ region, endpoint, requestTimeoutMs: 500 });
  t.teardown(() => dynamoDb.destroy());
  t.teardown(() => sqs.destroy());
  for (const send of [
    () => dynamoDb.send(remove),
    () => sqs.send(new GetQueueUrlCommand({ QueueName: 'x' })),
  ]) {
    const before = attempts();
    const startedMs = performance.now();
    const error = await send().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    t.equal(asUnavailable(error)?.code, 'unavailable', String(error));
    t.equal(attempts() - before, 3);
    t.ok(performance.now() - startedMs < 20_000);
  }
});

t.test('one attempt that fails is made up for by the next', async (t) => {
  const { endpoint, attempts } = await stub(t, (attempt) =>
    attempt === 1
      ? { status: 500, body: { __type: 'InternalServerError' } }
      : { status: 200, body: { Attributes: { id: { S: '1' } } } },
  );
  const client = createDynamoDb({ region, endpoint });
  t.teardown(() => client.destroy());
  t.same((await client.send(remove)).Attributes, { id: { S: '1' } });
  t.equal(attempts(), 2);
});

t.test('readiness asks for the table, and not again while it was just there', async (t) => {
  let isThere = false;
  const { endpoint, attempts } = await stub(t, () =>
    isThere
      ? { status: 200, body: { Table: { TableName: 'x' } } }
      : { status: 400, body: { __type: 'ResourceNotFoundException', message: 'no such table' } },
  );
  const client = createDynamoDb({ region, endpoint });
  t.teardown(() => client.destroy());
  const check = dynamoDbCheck(client, 'x');
  await t.rejects(async () => check(), { name: 'ResourceNotFoundException' });
  await t.rejects(
    async () => check(),
    { name: 'ResourceNotFoundException' },
    'a failure is asked about again',
  );
  isThere = true;
  await check();
  await check();
  t.equal(attempts(), 3);
});
