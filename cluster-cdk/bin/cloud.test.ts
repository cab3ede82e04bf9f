import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import t, { type Test } from 'tap';

const cloud = join(import.meta.dirname, 'cloud.ts');

/** The command, where `kubectl` lists these TicketEvents, or fails, and `npm` says what it was to do. */
async function withPrograms(t: Test, events: object[] | undefined) {
  const dir = await mkdtemp(join(tmpdir(), 'onsale-cloud-'));
  t.teardown(() => rm(dir, { recursive: true }));
  const program = async (name: string, script: string) => {
    await writeFile(join(dir, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(dir, name), 0o755);
  };
  await writeFile(join(dir, 'events.json'), JSON.stringify({ items: events }));
  await program('aws', 'exit 0');
  await program(
    'kubectl',
    events ? `cat '${join(dir, 'events.json')}'` : 'echo no route to host >&2; exit 1',
  );
  await program('npm', 'echo "ran npm $*"');
  return (...args: string[]) => {
    const env = { ...process.env, PATH: `${dir}${delimiter}${process.env['PATH']}` };
    const { status, stdout, stderr } = spawnSync(process.execPath, [cloud, ...args], {
      env,
      encoding: 'utf8',
    });
    return { status, output: stdout + stderr };
  };
}

const sale = (phase: string) => ({
  metadata: { name: 'gala' },
  spec: {
    homeRegion: 'ap-northeast-1',
    sale: { opensAt: '2020-01-01T00:00:00Z', closesAt: '2020-01-01T01:00:00Z' },
  },
  status: { phase },
});

t.test('a deployment is refused while a sale is warming, and goes on when forced', async (t) => {
  const run = await withPrograms(t, [sale('WarmingPods')]);
  const refused = run('deploy', 'staging');
  t.match(refused, { status: 1, output: /gala is WarmingPods[^]*Refused.*--force/ });
  t.notMatch(refused.output, 'ran npm');
  t.match(run('deploy', 'staging', '--force'), {
    status: 0,
    output: /gala is WarmingPods[^]*ran npm run cdk -- deploy/,
  });
});

t.test('a deployment is refused where nobody can tell, and not where no sale is under way', async (t) => {
  const blind = await withPrograms(t, undefined);
  t.match(blind('deploy', 'staging'), { status: 1, output: /nobody can tell: no route to host[^]*Refused/ });
  const idle = await withPrograms(t, [sale('Completed')]);
  t.match(idle('deploy', 'staging'), {
    status: 0,
    output: /no sale is under way[^]*ran npm run cdk -- deploy/,
  });
});
