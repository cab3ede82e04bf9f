import { spawnSync } from 'node:child_process';
import { chmod, chown, cp, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import t from 'tap';
import { closedHome } from './fixtures/closed-home.ts';
import { preparePostgresHome } from './postgres-home.ts';
import { findPostgresPackage } from './postgres-package.ts';

t.test('programs that another installer left without links and modes run', async (t) => {
  const native = join(await closedHome(t), 'native');
  await cp(await findPostgresPackage(), native, { recursive: true, verbatimSymlinks: true });
  spawnSync('find', [join(native, 'lib'), '-type', 'l', '-delete']);
  await chmod(join(native, 'bin', 'postgres'), 0o644);
  const postgres = join(await findPostgresPackage(native), 'bin', 'postgres');
  t.match(spawnSync(postgres, ['--version'], { encoding: 'utf8' }).stdout, 'postgres (PostgreSQL) 18');
});

// About other users than the one who runs the tests, so it needs root.
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
