import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { Redis } from 'ioredis';
import type { BuyerExport } from '@onsale/contracts/http/buyer-data-routes';
import { callAdmin } from '@onsale/local/admin-client';
import { localSecrets } from '@onsale/local/local-secrets';
import { type LocalStack, startLocalStack } from '@onsale/local/local-stack';
import { issueLocalToken } from '@onsale/platform/identity/issue-local-token';
import pg from 'pg';
import t from 'tap';
import { Buyer, call, until } from './buyer.ts';
import { publishEvent } from './sale-fixture.ts';

t.setTimeout(300_000);

const root = resolve(import.meta.dirname, '../..');
const dir = await mkdtemp(join(tmpdir(), 'onsale-buyer-data-'));
t.teardown(() => rm(dir, { recursive: true, force: true }));
const databasePassword = 'local-database-password';
const stack = await startLocalStack({
  port: 0,
  dir,
  keep: false,
  report: () => undefined,
  environment: async ({ POSTGRES_URL }) => {
    // The server on loopback asks for none; the services carry it about all the same.
    const postgres = new URL(POSTGRES_URL!);
    postgres.password = databasePassword;
    return { IDENTITY: 'bearer', LOG_LEVEL: 'trace', ACCESS_LOG: 'true', POSTGRES_URL: postgres.href };
  },
});
t.teardown(() => stack.stop());
const admin = { url: stack.internalUrl('public-api'), token: localSecrets.adminToken };

/** Everything handed out or configured that opens a door. */
const secrets = new Map<string, string>(Object.entries(localSecrets));
secrets.set('database password', databasePassword);

async function newBuyer(eventId: string, userId: string): Promise<Buyer> {
  const token = await issueLocalToken({
    userId,
    roles: ['buyer'],
    key: localSecrets.jwtKey,
    ttlSeconds: 600,
  });
  secrets.set(`bearer token of ${userId}`, token);
  const buyer = new Buyer(stack.url, eventId, userId, token);
  await buyer.awaitTurn();
  secrets.set(`room token of ${userId}`, buyer.roomToken);
  return buyer;
}

/** Runs the command line as people do; resolves however it ends. */
const onsale = (...args: string[]) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
    const named = ['--admin', admin.url, '--admin-token', admin.token];
    const { postgresUrl, redisUrl } = stack.engines;
    const env = { ...process.env, POSTGRES_URL: postgresUrl, REDIS_URL: redisUrl };
    execFile(
      process.execPath,
      ['services/local/onsale.ts', ...named, ...args],
      { cwd: root, env },
      (error, stdout, stderr) => done({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });

/** Where a text stands in the stores, read by nothing of the services. */
async function placesNaming(text: string, { engines }: LocalStack): Promise<string[]> {
  const found: string[] = [];
  const client = new pg.Client({ connectionString: engines.postgresUrl });
  await client.connect();
  const tables = await client.query<{ table_name: string }>(
    `select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  for (const { table_name: table } of tables.rows) {
    const naming = await client.query(`select from ${table} t where strpos(t::text, $1) > 0`, [text]);
    if (naming.rowCount! > 0) found.push(`PostgreSQL ${table}`);
  }
  await client.end();

  const redis = new Redis(engines.redisUrl);
  for (const key of await redis.keys('*')) {
    const value = await valueOf(redis, key);
    if (`${key} ${JSON.stringify(value)}`.includes(text)) found.push(`Redis ${key}`);
  }
  redis.disconnect();

  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const dynamodb = new DynamoDBClient({
    region: 'ap-northeast-1',
    endpoint: engines.dynamodbEndpoint,
    credentials,
  });
  const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: 'onsale-lock-items' }));
  dynamodb.destroy();
  for (const item of Items) if (JSON.stringify(item).includes(text)) found.push(`DynamoDB ${item['sk']!.S}`);
  return found;
}

async function valueOf(redis: Redis, key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case 'hash':
      return redis.hgetall(key);
    case 'set':
      return redis.smembers(key);
    case 'zset':
      return redis.zrange(key, '0', '-1');
    default:
      return redis.get(key);
  }
}

t.test('what is stored of a buyer can be had, and erased; the accounts still hold', async (t) => {
  const eventId = await publishEvent(stack, { opensInMs: 2000 });
  const stock = await publishEvent(stack, { generalAdmission: { capacity: 5, price: 100 } });
  const ann = await newBuyer(eventId, 'ann-4711');
  const bob = await newBuyer(eventId, 'bob-0815');
  const [bought, kept] = await Promise.all([ann.buy(['R1C1', 'R1C2']), bob.buy(['R2C1'])]);
  t.match([bought.order.status, kept.order.status], ['CONFIRMED', 'CONFIRMED']);
  for (const { code } of [...bought.order.tickets, ...kept.order.tickets])
    secrets.set(`ticket ${code}`, code);
  const bearer = { authorization: `Bearer ${secrets.get('bearer token of ann-4711')}` };
  const [first] = bought.order.tickets;
  t.match(
    await call(stack.url, 'POST', `/confirm/orders/${bought.order.orderId}/cancel`, {
      headers: bearer,
      body: { ticketIds: [first.ticketId] },
    }),
    { status: 200 },
  );
  t.match(
    await call(stack.url, 'POST', '/api/reservations', {
      headers: bearer,
      body: { eventId: stock, quantity: 2 },
    }),
    { status: 201 },
  );
  const gate = { code: bought.order.tickets[1].code, gate: 'north' };
  t.match(await callAdmin(admin, 'POST', '/admin/gate/check', gate), { outcome: 'admitted' });
  const held = await ann.hold({ seatId: 'R3C1' });
  t.equal(held.status, 200);

  const naming = { userId: ann.userId, confirm: ann.userId };
  await t.rejects(
    callAdmin(admin, 'POST', '/admin/buyers/erase', naming),
    /409 The buyer holds seats of .*: erase once they are released/,
  );
  t.match((await ann.release('R3C1', { holdId: held.body.holdId })).body, { released: true });

  await until('the refund to be there', 60_000, async () => {
    const { records } = await callAdmin<BuyerExport>(admin, 'POST', '/admin/buyers/export', {
      userId: ann.userId,
    });
    const [refund] = records['refunds'] as Record<string, unknown>[];
    const [order] = records['orders'] as Record<string, unknown>[];
    return refund!['refunded_at'] !== null && order!['due_at'] === null;
  });
  const exported = JSON.parse((await onsale('buyer', 'export', '--user', ann.userId)).stdout);
  const counts = Object.fromEntries(
    Object.entries(exported.records).map(([table, rows]) => [table, (rows as unknown[]).length]),
  );
  t.match(counts, {
    payment_intents: 1,
    captures: 1,
    refunds: 1,
    orders: 1,
    commit_keys: 1,
    tickets: 2,
    gate_entries: 1,
    reservations: 1,
  });
  t.match(exported.sales, [
    { saleId: `${eventId}.0`, place: { joinIndex: Number }, holds: [{ expiresAt: null }] },
  ]);
  t.ok(exported.sales[0].lockItems.length > 0);
  t.notMatch(JSON.stringify(exported), bob.userId, 'nobody else is in it');

  const erased = await onsale('buyer', 'erase', '--user', ann.userId);
  t.match(erased, { code: 0, stdout: /"pseudonym": "erased§[0-9a-f]{32}"/ }, erased.stderr);
  t.match(JSON.parse(erased.stdout), {
    kept: { orders: 1, intents: 1, reservations: 1 },
    removed: { intents: 0, places: 1 },
  });
  t.same(await placesNaming(ann.userId, stack), [], 'no store names the buyer');
  t.match(
    (await placesNaming(bob.userId, stack)).join(),
    /PostgreSQL.*Redis.*DynamoDB/,
    'others are untouched',
  );
  t.match(await callAdmin(admin, 'POST', '/admin/buyers/erase', naming), {
    kept: { orders: 0, intents: 0, reservations: 0 },
  });

  const out = join(dir, 'report');
  t.equal((await onsale('report', eventId, '--out', out)).code, 0);
  t.match(await onsale('report', 'verify', out), { code: 0, stdout: /The report holds/ });
  t.match(await callAdmin(admin, 'POST', '/admin/gate/check', gate), { outcome: 'already-admitted' });
  const cancel = { confirm: eventId, reason: 'Flood' };
  await callAdmin(admin, 'POST', `/admin/sales/${eventId}/cancel`, cancel);
  await until('the erased buyer’s money to go back too', 120_000, async () => {
    const { body } = await call(stack.paymentProviderUrl, 'GET', '/ledger');
    return body.refunded === body.captured;
  });
});

t.test('logs at their most talkative hold no secret and no buyer', async (t) => {
  const logs = join(dir, 'logs');
  const text = (
    await Promise.all((await readdir(logs)).map((file) => readFile(join(logs, file), 'utf8')))
  ).join('');
  for (const service of ['public-api', 'confirm-api', 'confirm-worker'])
    t.match(text, `"service":"${service}"`);
  t.match(text, /"event":"buyer_erased"/, 'an erasure is recorded');
  for (const [name, secret] of [...secrets, ['a buyer', 'ann-4711'], ['another', 'bob-0815']] as const) {
    const at = text.indexOf(secret);
    t.equal(at === -1 ? '' : text.slice(Math.max(0, at - 200), at), '', `${name} is not in a log`);
  }
});
