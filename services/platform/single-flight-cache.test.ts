import { Registry } from 'prom-client';
import t from 'tap';
import { createSingleFlightCache } from './single-flight-cache.ts';

/** A store whose answers the test gives, and a clock the test moves. */
function fixture(options: { ttlMs?: number; maxEntries?: number; staleOnErrorMs?: number } = {}) {
  let nowMs = 0;
  const loads: { key: string; resolve: (value: string) => void; reject: (error: Error) => void }[] = [];
  const registry = new Registry();
  const cache = createSingleFlightCache<string, string>({
    name: 'seats',
    ttlMs: 1000,
    maxEntries: 10,
    ...options,
    registry,
    monotonicMs: () => nowMs,
    load: (key) => new Promise((resolve, reject) => loads.push({ key, resolve, reject })),
  });
  const count = async (result: string) =>
    (await registry.getSingleMetric('onsale_cache_requests_total')!.get()).values.find(
      (value) => value.labels['result'] === result,
    )?.value;
  return { cache, loads, count, advance: (ms: number) => (nowMs += ms), registry };
}

t.test(
  'a hundred callers of one key cause one load, and later ones none until it is no longer fresh',
  async (t) => {
    const { cache, loads, count, advance } = fixture();
    const callers = Array.from({ length: 100 }, () => cache.get('a'));
    t.equal(loads.length, 1);
    loads[0]!.resolve('one');
    t.ok((await Promise.all(callers)).every((value) => value === 'one'));
    advance(999);
    t.equal(await cache.get('a'), 'one');
    t.equal(loads.length, 1);
    advance(1);
    const second = cache.get('a');
    t.equal(loads.length, 2);
    loads[1]!.resolve('two');
    t.equal(await second, 'two');
    t.equal(await count('shared'), 99);
    t.equal(await count('hit'), 1);
    t.equal(await count('miss'), 2);
  },
);

t.test('freshness counts from when the load began', async (t) => {
  const { cache, loads, advance } = fixture();
  const first = cache.get('a');
  advance(1500);
  loads[0]!.resolve('already old');
  await first;
  void cache.get('a');
  t.equal(loads.length, 2);
});

t.test('a failed load fails its callers and is not kept', async (t) => {
  const { cache, loads } = fixture();
  const both = Promise.allSettled([cache.get('a'), cache.get('a')]);
  loads[0]!.reject(new Error('store down'));
  t.match(await both, [{ status: 'rejected' }, { status: 'rejected', reason: { message: 'store down' } }]);
  t.equal(cache.size, 0);
  const again = cache.get('a');
  loads[1]!.resolve('back');
  t.equal(await again, 'back');
});

t.test('a load that throws at once is a rejection, not an exception', async (t) => {
  const cache = createSingleFlightCache<string, string>({
    name: 'x',
    ttlMs: 1,
    maxEntries: 1,
    load: () => {
      throw new Error('at once');
    },
  });
  await t.rejects(cache.get('a'), { message: 'at once' });
});

t.test('a value deleted during its load is not kept: the next caller reads what changed', async (t) => {
  const { cache, loads } = fixture();
  const before = cache.get('a');
  cache.delete('a');
  const after = cache.get('a');
  t.equal(loads.length, 2);
  loads[1]!.resolve('new');
  loads[0]!.resolve('old');
  t.equal(await before, 'old');
  t.equal(await after, 'new');
  t.equal(await cache.get('a'), 'new');
});

t.test('a stale value answers for a store that is down, which is asked once a second', async (t) => {
  const { cache, loads, advance, count } = fixture({ staleOnErrorMs: 5000 });
  const first = cache.get('a');
  loads[0]!.resolve('old');
  await first;
  advance(1000);
  const second = cache.get('a');
  loads[1]!.reject(new Error('down'));
  t.equal(await second, 'old');
  t.equal(await cache.get('a'), 'old');
  t.equal(loads.length, 2, 'not asked again at once');
  advance(1000);
  const third = cache.get('a');
  t.equal(loads.length, 3);
  advance(4000);
  loads[2]!.reject(new Error('still down'));
  await t.rejects(third, { message: 'still down' }, 'too stale');
  t.equal(await count('stale'), 1);
});

t.test('the time a value is fresh can depend on the value', async (t) => {
  let nowMs = 0;
  let loads = 0;
  const cache = createSingleFlightCache<string, number>({
    name: 'x',
    ttlMs: (value) => value,
    maxEntries: 1,
    monotonicMs: () => nowMs,
    load: async () => {
      loads++;
      return 50;
    },
  });
  await cache.get('a');
  nowMs = 49;
  await cache.get('a');
  t.equal(loads, 1);
  nowMs = 50;
  await cache.get('a');
  t.equal(loads, 2);
});

t.test('never more than maxEntries: the key loaded longest ago goes', async (t) => {
  const { cache, loads } = fixture({ maxEntries: 2 });
  for (const [index, key] of ['a', 'b', 'c'].entries()) {
    const value = cache.get(key);
    loads[index]!.resolve(key);
    await value;
  }
  t.equal(cache.size, 2);
  await cache.get('b');
  t.equal(loads.length, 3);
  void cache.get('a');
  t.equal(loads.length, 4);
});

t.test('two caches share the metric of one registry', (t) => {
  const { registry } = fixture();
  t.doesNotThrow(() =>
    createSingleFlightCache({ name: 'other', ttlMs: 1, maxEntries: 1, registry, load: async () => 1 }),
  );
  t.end();
});
