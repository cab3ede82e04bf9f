import { privatePostgres, testEngines } from '@onsale/local/test-engines';
import type pg from 'pg';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import { asUnavailable } from './engine-errors.ts';
import { createPostgres } from './postgres.ts';
import { postgresCheck } from './readiness-checks.ts';

const engines = await testEngines(t, { needs: ['postgres'] });

function poolOf(t: Test, url: string, maxConnections = 2) {
  const lines: any[] = [];
  const logger = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const pool = createPostgres({ url, maxConnections, applicationName: 'platform-test' }, logger);
  t.teardown(() => pool.end());
  return { pool, lines };
}

const processId = async (pool: pg.Pool) =>
  (await pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]!.pid;

t.test('counts are numbers', async (t) => {
  const { pool } = poolOf(t, engines.postgresUrl);
  t.same((await pool.query('SELECT count(*) AS n FROM pg_class WHERE false')).rows, [{ n: 0 }]);
  t.same((await pool.query({ text: 'SELECT $1::int AS n', values: [1] })).rows, [{ n: 1 }]);
  await postgresCheck(pool)();
});

t.test('a refused statement costs no connection', async (t) => {
  const { pool } = poolOf(t, engines.postgresUrl, 1);
  await pool.query('CREATE TABLE seats (id int PRIMARY KEY)');
  const before = await processId(pool);
  await pool.query('INSERT INTO seats VALUES (1)');
  await t.rejects(pool.query('INSERT INTO seats VALUES (1)'), { code: '23505' });
  await t.rejects(pool.query('SELEC 1'), { code: '42601' });
  t.equal(await processId(pool), before);
  t.equal(pool.totalCount, 1);
});

t.test(
  'a connection cut between two statements of a transaction fails the next one, not the process',
  async (t) => {
    const { pool } = poolOf(t, engines.postgresUrl, 1);
    const { pool: other } = poolOf(t, engines.postgresUrl, 1);
    const client = await pool.connect();
    await client.query('BEGIN');
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const broken = new Promise((resolve) => client.once('end', resolve));
    await other.query('SELECT pg_terminate_backend($1)', [rows[0]!.pid]);
    await broken;
    await t.rejects(client.query('SELECT 1'));
    client.release(true);
    t.not(await processId(pool), rows[0]!.pid);
  },
);

t.test(
  'a connection cut while idle or in the middle of a statement is replaced for the next one',
  async (t) => {
    const { pool, lines } = poolOf(t, engines.postgresUrl, 1);
    const { pool: other } = poolOf(t, engines.postgresUrl, 1);
    const cut = (pid: number) => other.query('SELECT pg_terminate_backend($1)', [pid]);

    const idle = await processId(pool);
    await cut(idle);
    while (pool.totalCount > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    t.not(await processId(pool), idle);
    t.match(lines, [{ event: 'postgres_error', err: { code: '57P01' } }]);

    const busy = await processId(pool);
    const sleeping = pool.query('SELECT pg_sleep(5)');
    const rejected = t.rejects(sleeping, { code: '57P01' });
    const asleep = `SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep'`;
    while ((await other.query(asleep, [busy])).rowCount === 0);
    await cut(busy);
    await rejected;
    t.not(await processId(pool), busy);
  },
);

t.test('a server that is away is unavailable in two seconds, and back without a restart', async (t) => {
  const server = await privatePostgres(t);
  const { pool } = poolOf(t, server.url);
  await processId(pool);
  await server.kill();
  for (let call = 0; call < 5; call++) {
    const startedMs = performance.now();
    const error = await pool.query('SELECT 1').then(
      () => undefined,
      (reason: unknown) => reason,
    );
    t.equal(asUnavailable(error)?.code, 'unavailable', String(error));
    t.ok(performance.now() - startedMs < 15_000);
  }
  await server.start();
  t.ok((await processId(pool)) > 0);
});

t.test('a pool whose connections are all taken says so in time', async (t) => {
  const { pool } = poolOf(t, engines.postgresUrl, 1);
  const taken = await pool.connect();
  const error = await pool.query('SELECT 1').then(
    () => undefined,
    (reason: unknown) => reason,
  );
  taken.release();
  t.equal(asUnavailable(error)?.code, 'unavailable', String(error));
  t.ok((await processId(pool)) > 0);
});
