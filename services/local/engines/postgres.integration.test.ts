import { lstat, mkdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import t from 'tap';
import { closedHome } from './fixtures/closed-home.ts';
import { freePort } from './free-port.ts';
import { startPostgres } from './postgres.ts';
import { preparePostgresHome } from './postgres-home.ts';

const lines: string[] = [];
const report = (line: string) => lines.push(line);

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

t.test(
  'data beneath a home that is closed to others serves, is kept, and is forgotten with its directory',
  async (t) => {
    const dataDir = join(await closedHome(t), 'onsale', 'postgres');
    const start = async () => startPostgres({ dataDir, port: await freePort(), persistent: true, report });
    const first = await start();
    t.match(lines, [`PostgreSQL: creating ${dataDir}`]);
    await query(first.url, 'CREATE TABLE kept AS SELECT 7 AS n');
    await first.stop();
    const second = await start();
    t.same(await query(second.url, 'SELECT n FROM kept'), [{ n: 7 }]);
    await second.stop();

    const elsewhere = await readlink(dataDir).catch(() => undefined);
    await rm(dataDir, { recursive: true });
    const third = await start();
    await t.rejects(query(third.url, 'SELECT n FROM kept'), { message: /does not exist/ });
    await third.stop();
    if (elsewhere !== undefined) await rm(elsewhere, { recursive: true });
  },
);

t.test(
  'an unkept server takes its data with it, and an initdb that was killed half-way is not data',
  async (t) => {
    const dataDir = join(await closedHome(t), 'postgres');
    const { dataDir: real } = await preparePostgresHome(dataDir);
    await mkdir(`${real}.unfinished`);
    await writeFile(join(`${real}.unfinished`, 'PG_VERSION'), '18');
    const server = await startPostgres({ dataDir, port: await freePort(), persistent: false, report });
    t.same(await query(server.url, 'SELECT 1 AS n'), [{ n: 1 }]);
    await server.stop();
    for (const path of [dataDir, real, `${real}.unfinished`])
      await t.rejects(lstat(path), { code: 'ENOENT' });
  },
);

t.test('text sorts and folds alike on every system', async (t) => {
  const dataDir = join(await closedHome(t), 'postgres');
  const server = await startPostgres({ dataDir, port: await freePort(), persistent: false, report });
  t.teardown(server.stop);
  t.same(
    await query(server.url, "SELECT upper('éñ') AS u, current_setting('timezone') AS z, 'a' < 'B' AS l"),
    [{ u: 'ÉÑ', z: 'UTC', l: false }],
  );
});

t.test('a commit that was acknowledged outlives kill -9 of the server', async (t) => {
  const dataDir = join(await closedHome(t), 'postgres');
  const port = await freePort();
  const first = await startPostgres({ dataDir, port, persistent: false, report });
  await query(first.url, 'CREATE TABLE orders AS SELECT generate_series(1, 1000) AS n');
  first.kill('SIGKILL');
  await first.exited;
  const second = await startPostgres({ dataDir, port, persistent: false, report });
  t.teardown(second.stop);
  t.same(await query(second.url, 'SELECT count(*)::int AS n FROM orders'), [{ n: 1000 }]);
});

t.test('a directory with other files is not written over', async (t) => {
  const dataDir = join(await closedHome(t), 'postgres');
  const { dataDir: real } = await preparePostgresHome(dataDir);
  await writeFile(join(real, 'letters.txt'), 'dear all');
  const started = startPostgres({ dataDir, port: await freePort(), persistent: true, report });
  await t.rejects(started, { message: /no data could be created in .*ENOTEMPTY/ });
  t.equal(await readFile(join(real, 'letters.txt'), 'utf8'), 'dear all');
  await rm(real, { recursive: true });
});
