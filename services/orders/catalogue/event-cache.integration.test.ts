import { privateRedis, testEngines, type TestScope } from '@onsale/local/test-engines';
import { createLogger } from '@onsale/platform/logger';
import { createRedis, redisReady } from '@onsale/platform/redis';
import { Registry } from 'prom-client';
import t from 'tap';
import { until } from '../test-bed.ts';
import { createEventCache } from './event-cache.ts';

const engines = await testEngines(t, { needs: ['redis'] });
const logger = createLogger('test', 'silent');

/** One process's cache; several share what has the same database name. */
async function cacheOf(t: TestScope, databaseName: string, url = engines.redisUrl) {
  const redis = createRedis({ url, cluster: false }, logger);
  t.teardown(() => redis.disconnect());
  await redisReady(redis, 30_000);
  const registry = new Registry();
  const cache = createEventCache({ redis, databaseName, registry, logger });
  const counts = async () => {
    const metric = await registry.getSingleMetric('onsale_cache_requests_total')!.get();
    return Object.fromEntries(metric.values.map(({ labels, value }) => [String(labels['result']), value]));
  };
  return { cache, counts, redis };
}

/** A source whose value the test sets, and which can be made to wait. */
function source(value: number) {
  const state = { value, loads: 0, gate: undefined as Promise<void> | undefined };
  const load = async () => {
    state.loads++;
    const read = state.value;
    await state.gate;
    return read;
  };
  return { state, load };
}

function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

t.test('one process loads, the others read it from Redis', async (t) => {
  const name = engines.uniqueId('db');
  const [one, two] = [await cacheOf(t, name), await cacheOf(t, name)];
  const { state, load } = source(1);
  t.equal(await one.cache.read('event-1', load), 1);
  await until(
    'the document',
    async () => (await two.redis.exists(`onsale:cache:{${name}:event-1}:document`)) === 1,
  );
  t.equal(await two.cache.read('event-1', load), 1);
  t.equal(state.loads, 1);
  t.same(await one.counts(), { miss: 1 });
  t.same(await two.counts(), { hit: 1 });
  t.ok((await two.redis.ttl(`onsale:cache:{${name}:event-1}:document`)) > 0, 'nothing is kept for ever');
});

t.test('a hundred readers at once cause one load', async (t) => {
  const { cache, counts } = await cacheOf(t, engines.uniqueId('db'));
  const { state, load } = source(1);
  const values = await Promise.all(Array.from({ length: 100 }, () => cache.read('all', load)));
  t.ok(values.every((value) => value === 1));
  t.equal(state.loads, 1);
  t.same(await counts(), { miss: 1, shared: 99 });
});

t.test(
  'after an eviction nobody reads the old value, not even where it is put back by a slow reader',
  async (t) => {
    const name = engines.uniqueId('db');
    const [slow, other] = [await cacheOf(t, name), await cacheOf(t, name)];
    const { state, load } = source(1);
    const held = gate();
    state.gate = held.opened;
    const stale = slow.cache.read('event-1', load);
    await until('it to be read', async () => state.loads === 1);
    state.gate = undefined;

    // The slow reader has read 1 and not put it into Redis yet. Now it changes.
    state.value = 2;
    await other.cache.evict('event-1');
    held.open();
    t.equal(await stale, 1, 'who asked before the change may see what was before it');
    await until(
      'the document',
      async () => (await slow.redis.exists(`onsale:cache:{${name}:event-1}:document`)) === 1,
    );

    t.equal(await other.cache.read('event-1', load), 2);
    t.equal(await slow.cache.read('event-1', load), 2);
  },
);

t.test('in the process that evicts, later readers do not join a read under way', async (t) => {
  const { cache } = await cacheOf(t, engines.uniqueId('db'));
  const { state, load } = source(1);
  const held = gate();
  state.gate = held.opened;
  const stale = cache.read('event-1', load);
  await until('it to be read', async () => state.loads === 1);
  state.gate = undefined;
  state.value = 2;
  await cache.evict('event-1');
  t.equal(await cache.read('event-1', load), 2);
  held.open();
  t.equal(await stale, 1);
  t.equal(await cache.read('event-1', load), 2);
});

t.test('an eviction concerns the names it gives, and one database', async (t) => {
  const name = engines.uniqueId('db');
  const [one, stranger] = [await cacheOf(t, name), await cacheOf(t, `${name}-2`)];
  const { state, load } = source(1);
  await one.cache.read('event-1', load);
  await one.cache.read('event-2', load);
  t.equal(await stranger.cache.read('event-1', async () => 99), 99);
  await until(
    'the document',
    async () => (await one.redis.exists(`onsale:cache:{${name}:event-2}:document`)) === 1,
  );
  await one.cache.evict('event-1', 'all');
  state.value = 2;
  t.equal(await one.cache.read('event-1', load), 2);
  t.equal(await one.cache.read('event-2', load), 1);
});

t.test('a load that fails is not kept', async (t) => {
  const { cache } = await cacheOf(t, engines.uniqueId('db'));
  const down = async () => {
    throw new Error('database down');
  };
  await t.rejects(cache.read('all', down), { message: 'database down' });
  t.equal(await cache.read('all', async () => 1), 1);
});

t.test('without Redis reads and evictions go on, and with it again they use it', async (t) => {
  const engine = await privateRedis(t);
  const { cache, counts, redis } = await cacheOf(t, 'db', engine.url);
  const { state, load } = source(1);
  await cache.read('all', load);

  // Frozen: it takes commands and answers none.
  await engine.kill('SIGSTOP');
  const startedAt = performance.now();
  t.equal(await cache.read('all', load), 1);
  await cache.evict('all');
  t.ok(performance.now() - startedAt < 3500, 'nobody waits for it for long');
  await engine.kill('SIGKILL');
  const values = await Promise.all(Array.from({ length: 50 }, () => cache.read('all', load)));
  t.ok(values.every((value) => value === 1));
  t.equal(state.loads, 3, 'readers at once still share one load');
  t.match(await counts(), { away: 2, shared: 49 });

  await engine.start();
  await redisReady(redis, 30_000);
  await cache.read('all', load);
  await until('the document', async () => (await redis.exists('onsale:cache:{db:all}:document')) === 1);
  await cache.read('all', load);
  t.match(await counts(), { hit: 1 });
});
