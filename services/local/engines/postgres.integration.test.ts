import { spawnSync } from 'node:child_process';
import {
  access,
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readlink,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import t from 'tap';
import { freePort } from './free-port.ts';
import { startPostgres } from './postgres.ts';
import { preparePostgresHome } from './postgres-home.ts';
import { findPostgresPackage } from './postgres-package.ts';

const lines: string[] = [];
const report = (line: string) => lines.push(line);

async function closedHome(t: { teardown(handler: () => unknown): void }): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'closed-home-'));
  await chmod(home, 0o700);
  t.teardown(() => rm(home, { recursive: true, force: true }));
  return home;
}

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

t.test('an unkept server takes its data with it', async (t) => {
  const dataDir = join(await closedHome(t), 'postgres');
  const server = await startPostgres({ dataDir, port: await freePort(), persistent: false, report });
  const real = await readlink(dataDir).catch(() => dataDir);
  await access(join(real, 'PG_VERSION'));
  await server.stop();
  await t.rejects(lstat(dataDir), { code: 'ENOENT' });
  await t.rejects(lstat(real), { code: 'ENOENT' });
});

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

t.test('an initdb that was killed half-way is not taken for data', async (t) => {
  const dataDir = join(await closedHome(t), 'postgres');
  const { dataDir: real } = await preparePostgresHome(dataDir);
  await mkdir(`${real}.unfinished`);
  await writeFile(join(`${real}.unfinished`, 'PG_VERSION'), '18');
  const server = await startPostgres({ dataDir, port: await freePort(), persistent: false, report });
  t.same(await query(server.url, 'SELECT 1 AS n'), [{ n: 1 }]);
  await server.stop();
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

// The rest is about other users than the one who runs the tests, so it needs root.
if (process.getuid?.() === 0) {
  const id = (flag: string) => Number(spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout);
  const nobody = { uid: id('-u'), gid: id('-g') };
  const runsAsNobody = (program: string) =>
    spawnSync(program, ['--version'], { ...nobody, cwd: '/' }).status === 0;

  t.test(
    'root beneath a closed home runs a copy of the programs and data that nobody can reach',
    async (t) => {
      const home = await closedHome(t);
      const reachableRoot = await mkdtemp(join(tmpdir(), 'reachable-'));
      t.teardown(() => rm(reachableRoot, { recursive: true }));
      const native = join(home, 'package', 'native');
      await mkdir(dirname(native));
      const source = await findPostgresPackage();
      await cp(source, native, { recursive: true, verbatimSymlinks: true });
      await cp(join(source, '..', 'package.json'), join(home, 'package', 'package.json')).catch(
        () => undefined,
      );
      // A package unpacked under umask 077, by an installation that runs no scripts.
      spawnSync('chmod', ['-R', 'go-rwx', native]);
      spawnSync('find', [join(native, 'lib'), '-type', 'l', '-delete']);

      const two = await Promise.all([
        preparePostgresHome(join(home, 'b', 'postgres'), { native, reachableRoot }),
        preparePostgresHome(join(home, 'c', 'postgres'), { native, reachableRoot }),
      ]);
      for (const prepared of two) {
        t.same(prepared.user, nobody);
        t.ok(prepared.programs.postgres.startsWith(reachableRoot));
        t.ok(runsAsNobody(prepared.programs.postgres));
        t.ok(runsAsNobody(prepared.programs.initdb));
        t.ok(prepared.dataDir.startsWith(reachableRoot));
        t.match(await stat(prepared.dataDir), nobody);
      }
    },
  );

  t.test('data that an ordinary user has made stays that user’s', async (t) => {
    const dir = await mkdtemp(join(tmpdir(), 'open-'));
    t.teardown(() => rm(dir, { recursive: true }));
    await chmod(dir, 0o755);
    const dataDir = join(dir, 'postgres');
    await mkdir(dataDir);
    await cp('/etc/hostname', join(dataDir, 'PG_VERSION'));
    const ordinary = { uid: 12_345, gid: 12_346 };
    await chown(dataDir, ordinary.uid, ordinary.gid);
    await chown(join(dataDir, 'PG_VERSION'), ordinary.uid, ordinary.gid);
    const prepared = await preparePostgresHome(dataDir);
    t.same(prepared.user, ordinary);
    t.equal(prepared.dataDir, dataDir);
    t.match(await stat(dataDir), ordinary);
  });
}
