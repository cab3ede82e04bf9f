import { Cluster, Redis } from 'ioredis';
import pg from 'pg';
import t from 'tap';
import { privatePostgres, privateRedis, startTestEngines, testEngines } from './test-engines.ts';

const shared = await startTestEngines();
t.teardown(shared.stop);
Object.assign(process.env, shared.env);

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

t.test('files that start at once each get a database of their own on the shared server', async (t) => {
  const files = await Promise.all(Array.from({ length: 6 }, () => testEngines(t)));
  t.equal(new Set(files.map((file) => file.postgresUrl)).size, 6);
  t.equal(new Set(files.map((file) => new URL(file.postgresUrl).port)).size, 1);
  await Promise.all(files.map((file) => query(file.postgresUrl, 'CREATE TABLE mine (n int)')));
});

t.test('the cluster has three masters that share all slots', async (t) => {
  const engines = await testEngines(t, { needs: ['redisCluster'] });
  const cluster = new Cluster([...engines.redisClusterNodes]);
  t.teardown(() => cluster.disconnect());
  const keys = Array.from({ length: 50 }, (_, index) => engines.uniqueId(`key-${index}`));
  await Promise.all(keys.map((key) => cluster.set(key, 'x')));
  const sizes = await Promise.all(cluster.nodes('master').map((node) => node.dbsize()));
  t.equal(sizes.length, 3);
  t.ok(
    sizes.every((size) => size > 0),
    'every master holds keys',
  );
});

t.test('an engine that was not asked for is not given', async (t) => {
  const engines = await testEngines(t, { needs: ['redis'] });
  t.match(engines.redisUrl, 'redis://127.0.0.1:');
  t.throws(() => engines.postgresUrl, { message: /did not ask for postgres/ });
});

t.test('a file run alone starts its own and ends them', async (t) => {
  const handedDown = shared.env['ONSALE_TEST_ENGINES'];
  delete process.env['ONSALE_TEST_ENGINES'];
  t.teardown(() => {
    process.env['ONSALE_TEST_ENGINES'] = handedDown;
  });
  let end = async () => {};
  const alone = await testEngines(
    { teardown: (handler) => (end = async () => void (await handler())) },
    { needs: ['redis'] },
  );
  t.not(alone.redisUrl, JSON.parse(handedDown ?? '{}').redis);
  const client = new Redis(alone.redisUrl, { retryStrategy: null });
  client.on('error', () => {});
  t.equal(await client.ping(), 'PONG');
  await end();
  await t.rejects(client.ping());
});

t.test('a private PostgreSQL keeps its data over a kill, a private Redis loses it', async (t) => {
  const [postgres, redis] = await Promise.all([privatePostgres(t), privateRedis(t)]);
  await query(postgres.url, 'CREATE TABLE kept AS SELECT 7 AS n');
  const client = new Redis(redis.url);
  client.on('error', () => {});
  t.teardown(() => client.disconnect());
  await client.set('kept', '7');
  const before = redis.pid();

  await Promise.all([postgres.kill(), redis.kill()]);
  await t.rejects(query(postgres.url, 'SELECT 1'), { code: 'ECONNREFUSED' });
  await Promise.all([postgres.start(), redis.start()]);
  t.same(await query(postgres.url, 'SELECT n FROM kept'), [{ n: 7 }]);
  t.equal(await client.get('kept'), null);
  t.not(redis.pid(), before);
});
