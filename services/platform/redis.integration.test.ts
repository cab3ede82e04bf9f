import { privateRedis, type RedisNode, startTestEngines, testEngines } from '@onsale/local/test-engines';
import type { Cluster } from 'ioredis';
import { pino } from 'pino';
import t from 'tap';
import { RedisClock } from './clock.ts';
import { asUnavailable } from './engine-errors.ts';
import { loadLuaScript } from './lua-script.ts';
import { redisCheck } from './readiness-checks.ts';
import { createRedis, redisReady, type RedisClient } from './redis.ts';

const logger = pino({ level: 'silent' });
const appendValue = loadLuaScript(new URL('./testing/append-value-1.lua', import.meta.url));

/** Tries until it works. */
async function eventually<Result>(attempt: () => Promise<Result>, deadlineMs = 60_000): Promise<Result> {
  const until = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** How a command failed, and after how long. */
async function failure(client: RedisClient, key = 'k'): Promise<{ error: unknown; elapsedMs: number }> {
  const startedMs = performance.now();
  const error = await client.get(key).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { error, elapsedMs: performance.now() - startedMs };
}

t.test('a server that is away fails commands at once, and serves them again without a restart', async (t) => {
  const server = await privateRedis(t);
  const client = createRedis({ url: server.url, cluster: false }, logger);
  t.teardown(() => client.disconnect());
  await redisReady(client, 30_000);
  await client.set('k', 'v');
  await server.kill();
  await eventually(async () => {
    if ((await failure(client)).error === undefined) throw new Error('still there');
  });
  for (let call = 0; call < 20; call++) {
    const { error, elapsedMs } = await failure(client);
    t.equal(asUnavailable(error)?.code, 'cache_unavailable', String(error));
    t.ok(elapsedMs < 1500, `${elapsedMs} ms`);
  }
  await t.rejects(async () => redisCheck(client)());
  await server.start();
  t.equal(await eventually(() => client.set('k', 'again')), 'OK');
  await redisCheck(client)();
});

t.test(
  'a server that hangs is given up on in two seconds, then counts as away until it answers',
  async (t) => {
    const server = await privateRedis(t);
    const client = createRedis({ url: server.url, cluster: false }, logger);
    t.teardown(() => client.disconnect());
    await redisReady(client, 30_000);
    await server.kill('SIGSTOP');
    t.teardown(() => server.kill('SIGCONT'));
    const scripts = Promise.allSettled([1, 2, 3].map((value) => appendValue.run(client, ['list'], [value])));
    const { error, elapsedMs } = await failure(client);
    t.equal(asUnavailable(error)?.code, 'cache_unavailable', String(error));
    t.ok(elapsedMs < 8000, `${elapsedMs} ms`);
    for (const script of await scripts) t.match(script, { reason: { message: 'Command timed out' } });
    await eventually(async () => {
      const next = await failure(client);
      if (next.elapsedMs > 1000) throw new Error('still waited for');
    });
    await server.kill('SIGCONT');
    t.equal(await eventually(() => client.set('k', 'v')), 'OK');
  },
);

t.test(
  'a cluster’s node that hangs or dies fails its commands in time, the rest of the cluster soon follows',
  async (t) => {
    // A whole set of engines of this test's own: it kills a node of the cluster, which other files may share.
    const own = await startTestEngines();
    t.teardown(own.stop);
    const [addresses] = Object.values(own.env);
    const { redisCluster } = JSON.parse(addresses!) as { redisCluster: RedisNode[] };
    const url = redisCluster.map(({ host, port }) => `redis://${host}:${port}`).join(',');
    const client = createRedis({ url, cluster: true }, logger) as Cluster;
    t.teardown(() => client.disconnect());
    await redisReady(client, 30_000);
    const keys = Array.from({ length: 12 }, (_, index) => `{key-${index}}`);
    await Promise.all(keys.map((key) => client.set(key, 'v')));
    const [node] = client.nodes('master');
    const pid = Number(/process_id:(\d+)/.exec(await node!.info('server'))![1]);

    const everyKey = async (phase: string) => {
      const failures = (await Promise.all(keys.map((key) => failure(client, key)))).filter(
        ({ error }) => error,
      );
      for (const { error, elapsedMs } of failures) {
        t.equal(asUnavailable(error)?.code, 'cache_unavailable', `${phase}: ${String(error)}`);
        t.ok(elapsedMs < 8000, `${phase}: ${elapsedMs} ms`);
      }
      return failures.length;
    };
    process.kill(pid, 'SIGSTOP');
    t.teardown(() => {
      try {
        process.kill(pid, 'SIGCONT');
      } catch {
        // Killed by then.
      }
    });
    const failed = await everyKey('hanging');
    t.ok(failed > 0 && failed < keys.length, `${failed} of ${keys.length} keys were on that node`);
    process.kill(pid, 'SIGCONT');
    await eventually(async () => {
      if ((await everyKey('recovering')) > 0) throw new Error('not all back');
    });
    process.kill(pid, 'SIGKILL');
    t.ok((await everyKey('dead')) > 0);
    t.ok((await everyKey('still dead')) > 0);
  },
);

t.test('a password in the address is used', async (t) => {
  const server = await privateRedis(t);
  const plain = createRedis({ url: server.url, cluster: false }, logger);
  t.teardown(() => plain.disconnect());
  await redisReady(plain, 30_000);
  await plain.config('SET', 'requirepass', 'p@ss');
  const address = new URL(server.url);
  address.password = 'p@ss';
  for (const settings of [{ url: address.href }, { url: server.url, password: 'p@ss' }]) {
    const client = createRedis({ ...settings, cluster: false }, logger);
    t.teardown(() => client.disconnect());
    await redisReady(client, 30_000);
    t.equal(await client.ping(), 'PONG');
  }
});

t.test(
  'a script is loaded where the server does not know it, on a single server and on a cluster',
  async (t) => {
    const engines = await testEngines(t, { needs: ['redis', 'redisCluster'] });
    const script = appendValue;
    t.equal(script.name, 'append-value');
    const cluster = engines.redisClusterNodes.map(({ host, port }) => `redis://${host}:${port}`).join(',');
    for (const settings of [
      { url: engines.redisUrl, cluster: false },
      { url: cluster, cluster: true },
    ]) {
      const client = createRedis(settings, logger);
      t.teardown(() => client.disconnect());
      await redisReady(client, 30_000);
      const keys = Array.from({ length: 6 }, () => `{${engines.uniqueId('script')}}`);
      for (const key of keys) {
        t.equal(await script.run(client, [key], ['a']), 1);
        t.equal(await script.run(client, [key], ['grün']), 2);
      }
      t.same(await client.lrange(keys[0]!, 0, -1), ['a', 'grün']);
      if ('nodes' in client) await Promise.all(client.nodes('master').map((node) => node.script('FLUSH')));
      else await client.script('FLUSH');
      for (const key of keys)
        t.equal(await script.run(client, [key], ['c']), 3, 'also after it was forgotten');
      await t.rejects(script.run(client, [keys[0]!, keys[1]!], []), { message: /takes 1 keys, not 2/ });
      await t.rejects(script.run(client, [keys[0]!], ['fail']), { message: /asked to fail/ });

      const clock = new RedisClock(client);
      await clock.start();
      clock.stop();
      t.ok(Math.abs(clock.nowMs() - Date.now()) < 5000);
      t.ok(clock.doubtMs() < 5000);
      await redisCheck(client)();
    }
  },
);

t.test('a script’s name says how many keys it takes', (t) => {
  t.throws(() => loadLuaScript(new URL(import.meta.url)), { message: /ends in its number of keys/ });
  t.end();
});
