import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { access, chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { isAlive } from './fixtures/is-alive.ts';
import { until } from './fixtures/until.ts';
import { plainNode } from './plain-node.ts';

t.setTimeout(240_000);

const owner = new URL('./fixtures/engine-owner.ts', import.meta.url);

interface User {
  readonly uid: number;
  readonly gid: number;
}

async function startOwner(settings: object, tmp: string, user?: User) {
  const { command, args } = plainNode(owner, JSON.stringify(settings));
  const child = spawn(command, args, {
    detached: true,
    env: { PATH: process.env['PATH'], TMPDIR: tmp },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    ...user,
  });
  const [message] = (await once(child, 'message')) as [{ pids: Record<string, number> }];
  return { child, pids: Object.values(message.pids) };
}

t.test('kill -9 of their owner leaves no engine and no temporary data', async (t) => {
  const tmp = await mkdtemp(join(tmpdir(), 'reaper-test-'));
  const { child, pids } = await startOwner({ dir: '', keep: false }, tmp);
  t.equal(pids.length, 4);
  t.ok(pids.every(isAlive));
  t.not((await readdir(tmp)).length, 0);

  child.kill('SIGKILL');
  await until(() => !pids.some(isAlive), 'all engines are gone');
  await until(async () => (await readdir(tmp)).length === 0, 'the temporary directories are gone');
  await rm(tmp, { recursive: true });
});

t.test('kill -9 of their owner keeps what was to be kept', async (t) => {
  const dir = t.testdir();
  const { child, pids } = await startOwner({ dir, keep: true, only: ['postgres', 'redis'] }, tmpdir());
  child.kill('SIGKILL');
  await until(() => !pids.some(isAlive), 'all engines are gone');
  await t.resolves(access(join(dir, 'redis', 'appendonlydir')));
});

t.test('Ctrl-C in the terminal reaches the owner and leaves the engines to it', async (t) => {
  const { child, pids } = await startOwner(
    { dir: '', keep: false, only: ['postgres', 'redis', 'sqs'] },
    tmpdir(),
  );
  t.ok(child.pid);
  const interrupted = once(child, 'message');
  process.kill(-(child.pid ?? 0), 'SIGINT');
  t.match(await interrupted, [{ interrupts: 1 }]);
  t.ok(pids.every(isAlive));

  const exited = once(child, 'exit');
  child.send('stop');
  t.match(await once(child, 'message'), [{ stopped: true }], 'nothing died before it was stopped');
  t.match(await exited, [0]);
  t.notOk(pids.some(isAlive));
});

function nobody(): User {
  const id = (flag: string) => Number(spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout);
  return { uid: id('-u'), gid: id('-g') };
}

// Root can try what an ordinary user would see; an ordinary user has seen it in all of the above. Beneath a closed home
// nobody cannot read the program.
const isRoot = process.getuid?.() === 0;
if (isRoot && spawnSync('test', ['-r', fileURLToPath(owner)], { ...nobody(), cwd: '/' }).status === 0) {
  t.test('an ordinary user starts, keeps, restarts and stops all four', async (t) => {
    const user = nobody();
    const home = await mkdtemp(join(tmpdir(), 'ordinary-'));
    t.teardown(() => rm(home, { recursive: true }));
    await chown(home, user.uid, user.gid);
    for (const run of ['first', 'second']) {
      const { child, pids } = await startOwner({ dir: join(home, 'kept'), keep: true }, home, user);
      t.equal(pids.length, 4, run);
      const exited = once(child, 'exit');
      child.send('stop');
      await exited;
      t.notOk(pids.some(isAlive));
    }
  });
}
