import { once } from 'node:events';
import { createServer } from 'node:net';
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateQueueCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { Redis } from 'ioredis';
import pg from 'pg';
import t from 'tap';
import { describeExit } from './engine-process.ts';
import { isAlive } from './fixtures/is-alive.ts';
import { until } from './fixtures/until.ts';
import { freePort } from './free-port.ts';
import { type Engines, startEngines } from './start-engines.ts';

t.setTimeout(240_000);

const report = () => {};
const cloud = { region: 'ap-northeast-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };

async function sql(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

async function redis<T>(url: string, use: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url);
  try {
    return await use(client);
  } finally {
    client.disconnect();
  }
}

async function fill(engines: Engines): Promise<void> {
  await sql(engines.postgresUrl, 'CREATE TABLE kept AS SELECT 7 AS n');
  await redis(engines.redisUrl, (client) => client.set('kept', '7'));
  const dynamodb = new DynamoDBClient({ ...cloud, endpoint: engines.dynamodbEndpoint });
  await dynamodb.send(
    new CreateTableCommand({
      TableName: 'kept',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  await until(async () => {
    const put = new PutItemCommand({ TableName: 'kept', Item: { id: { S: 'a' }, n: { N: '7' } } });
    return dynamodb.send(put).then(
      () => true,
      () => false,
    );
  }, 'the table takes items');
  const sqs = new SQSClient({ ...cloud, endpoint: engines.sqsEndpoint });
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: 'kept.fifo', Attributes: { FifoQueue: 'true' } }),
  );
  await sqs.send(
    new SendMessageCommand({ QueueUrl, MessageBody: '7', MessageGroupId: 'a', MessageDeduplicationId: 'a' }),
  );
}

t.test('four engines serve on loopback and leave nothing behind', async (t) => {
  const engines = await startEngines({ dir: '', keep: false, report });
  const pids = Object.values(engines.pids());
  t.equal(pids.length, 4);
  await fill(engines);
  t.same(await sql(engines.postgresUrl, 'SHOW max_connections'), [{ max_connections: '200' }]);

  await engines.stop();
  t.notOk(pids.some(isAlive));
});

t.test('kept data survives a restart on other ports', async (t) => {
  const stop: (() => Promise<void>)[] = [];
  // Before the directory, which is removed ahead of what is registered after it.
  t.teardown(() => Promise.all(stop.map((one) => one())));
  const dir = t.testdir();
  const first = await startEngines({ dir, keep: true, report });
  t.same(await sql(first.postgresUrl, 'SHOW fsync'), [{ fsync: 'on' }]);
  await fill(first);
  await first.stop();

  const second = await startEngines({ dir, keep: true, report });
  stop.push(second.stop);
  t.not(second.sqsEndpoint, first.sqsEndpoint);
  t.same(await sql(second.postgresUrl, 'SELECT n FROM kept'), [{ n: 7 }]);
  t.equal(await redis(second.redisUrl, (client) => client.get('kept')), '7');
  const dynamodb = new DynamoDBClient({ ...cloud, endpoint: second.dynamodbEndpoint });
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName: 'kept', Key: { id: { S: 'a' } } }));
  t.match(Item, { n: { N: '7' } });
  const sqs = new SQSClient({ ...cloud, endpoint: second.sqsEndpoint });
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'kept.fifo' }));
  t.match(QueueUrl, second.sqsEndpoint, 'the queue is found under the port it now has');
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  t.match(Messages, [{ Body: '7' }]);
});

t.test('a second runner over the same data is refused and leaves the first alone', async (t) => {
  const stop: (() => Promise<void>)[] = [];
  t.teardown(() => Promise.all(stop.map((one) => one())));
  const dir = t.testdir();
  const first = await startEngines({ dir, keep: true, only: ['postgres', 'redis'], report });
  stop.push(first.stop);
  await t.rejects(startEngines({ dir, keep: true, only: ['postgres', 'redis'], report }), {
    message: /PostgreSQL.*is in use by another runner/,
  });
  t.same(await sql(first.postgresUrl, 'SELECT 1 AS n'), [{ n: 1 }]);
  t.equal(await redis(first.redisUrl, (client) => client.ping()), 'PONG');
});

t.test('a taken port is named, and what had started is stopped', async (t) => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  t.teardown(() => squatter.close());
  const { port } = squatter.address() as { port: number };
  const postgresPort = await freePort();
  await t.rejects(
    startEngines({ dir: '', keep: false, ports: { redis: port, postgres: postgresPort }, report }),
    {
      message: `Redis cannot start: port ${port} on 127.0.0.1 is taken by another process`,
    },
  );
  await t.rejects(sql(`postgresql://postgres@127.0.0.1:${postgresPort}/postgres`, 'SELECT 1'), {
    code: 'ECONNREFUSED',
  });
});

t.test('every engine that dies is reported by name and can be started again where it was', async (t) => {
  const deaths: string[] = [];
  const engines = await startEngines({
    dir: '',
    keep: false,
    report,
    onEngineExit: (name, exit) => deaths.push(`${name}: ${describeExit(exit)}`),
  });
  t.teardown(engines.stop);
  await fill(engines);
  for (const name of ['postgres', 'redis', 'dynamodb', 'sqs'] as const) await engines.kill(name, 'SIGKILL');
  t.equal(deaths.length, 4);
  t.match(deaths.join('\n'), /^redis: Redis stopped unexpectedly \(killed by SIGKILL\)/m);
  await t.rejects(sql(engines.postgresUrl, 'SELECT 1'), { code: 'ECONNREFUSED' });

  for (const name of ['postgres', 'redis', 'dynamodb', 'sqs'] as const) await engines.start(name);
  t.same(await sql(engines.postgresUrl, 'SELECT n FROM kept'), [{ n: 7 }], 'PostgreSQL has its data');
  t.equal(await redis(engines.redisUrl, (client) => client.get('kept')), null, 'Redis is empty');
});

t.test('a client that hangs up in mid-request does not end DynamoDB', async (t) => {
  const died: string[] = [];
  const engines = await startEngines({
    dir: '',
    keep: false,
    only: ['dynamodb'],
    report,
    onEngineExit: (name) => died.push(name),
  });
  t.teardown(engines.stop);
  const { connect } = await import('node:net');
  const { port } = new URL(engines.dynamodbEndpoint);
  const socket = connect(Number(port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf');
  await until(async () => (await fetch(engines.dynamodbEndpoint)).ok, 'another client is served');
  socket.resetAndDestroy();
  await once(socket, 'close');
  t.ok((await fetch(engines.dynamodbEndpoint)).ok);
  t.same(died, []);
});
