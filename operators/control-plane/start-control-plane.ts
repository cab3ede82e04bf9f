import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { openSync } from 'node:fs';
import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import type { Binaries } from './binaries.ts';
import { freePorts } from './free-ports.ts';

/** Readiness is awaited this long. */
const readyLimitMs = 60_000;

export interface ControlPlaneOptions {
  readonly binaries: Binaries;
  /** Everything is kept here and removed with it. */
  readonly dir: string;
  /** Divides Fargate's start delays; 1 is as slow as Fargate. */
  readonly compress?: number;
  readonly nodes?: number;
  /** HPA period; 15 s as on EKS by default. */
  readonly hpaSyncSeconds?: number;
  /** Stops everything when this process is gone. */
  readonly watchPid?: number;
}

/** A running control plane; written to `state.json` in its directory. */
export interface ControlPlane {
  readonly dir: string;
  readonly kubeconfig: string;
  readonly url: string;
  readonly pids: Readonly<Record<string, number>>;
}

async function until(
  what: string,
  children: ReadonlyMap<string, ChildProcess>,
  check: () => Promise<boolean>,
) {
  const deadline = performance.now() + readyLimitMs;
  while (performance.now() < deadline) {
    for (const [name, child] of children) {
      if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode} before ${what}`);
    }
    if (await check().catch(() => false)) return;
    await delay(100);
  }
  throw new Error(`${what} did not happen within ${readyLimitMs / 1000} s`);
}

function kubeconfigFor(url: string, caFile: string, user: string, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'onsale', cluster: { server: url, 'certificate-authority': caFile } }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: 'onsale', context: { cluster: 'onsale', user } }],
    'current-context': 'onsale',
  });
}

/**
 * Starts etcd, the API server, controller-manager, scheduler, kwok and the Fargate stand-in on loopback. The API server
 * makes its own certificate; users are told apart by tokens of this run. Throws with the last log lines when one fails.
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { binaries, dir, compress = 1, nodes = 10, hpaSyncSeconds = 15 } = options;
  await mkdir(join(dir, 'pki'), { recursive: true, mode: 0o700 });
  const [etcdPort, peerPort, apiPort, kwokPort] = (await freePorts(4)) as [number, number, number, number];
  const children = new Map<string, ChildProcess>();
  const run = (name: string, command: string, args: readonly string[]) => {
    const log = openSync(join(dir, `${name}.log`), 'a', 0o600);
    const child = spawn(command, args, { cwd: dir, detached: true, stdio: ['ignore', log, log] });
    child.unref();
    child.once('error', () => {});
    children.set(name, child);
  };
  const url = `https://127.0.0.1:${apiPort}`;
  const kubeconfig = join(dir, 'kubeconfig');
  const describe = (): ControlPlane => ({
    dir,
    kubeconfig,
    url,
    pids: Object.fromEntries([...children].map(([name, child]) => [name, child.pid ?? 0])),
  });
  const record = () => writeFile(join(dir, 'state.json'), JSON.stringify(describe()));

  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const keyFile = join(dir, 'pki', 'sa.key');
  await writeFile(keyFile, privateKey, { mode: 0o600 });
  const users = {
    admin: 'system:masters',
    'system:kube-controller-manager': '',
    'system:kube-scheduler': '',
  };
  const tokens = Object.fromEntries(
    Object.keys(users).map((user) => [user, randomBytes(24).toString('hex')]),
  );
  const tokenFile = join(dir, 'pki', 'tokens.csv');
  const lines = Object.entries(users).map(([user, group], i) => `${tokens[user]},${user},${i},"${group}"`);
  await writeFile(tokenFile, `${lines.join('\n')}\n`, { mode: 0o600 });

  try {
    const etcdUrl = `http://127.0.0.1:${etcdPort}`;
    const peerUrl = `http://127.0.0.1:${peerPort}`;
    run('etcd', binaries.etcd, [
      '--name=onsale',
      `--data-dir=${join(dir, 'etcd')}`,
      `--listen-client-urls=${etcdUrl}`,
      `--advertise-client-urls=${etcdUrl}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=onsale=${peerUrl}`,
      '--unsafe-no-fsync',
      '--log-level=warn',
    ]);
    run('kube-apiserver', binaries['kube-apiserver'], [
      `--etcd-servers=${etcdUrl}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${apiPort}`,
      '--service-cluster-ip-range=10.96.0.0/16',
      `--cert-dir=${join(dir, 'pki')}`,
      `--token-auth-file=${tokenFile}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${keyFile}`,
      `--service-account-signing-key-file=${keyFile}`,
      '--authorization-mode=RBAC',
      '--endpoint-reconciler-type=none',
      '--disable-admission-plugins=ServiceAccount',
      '--max-requests-inflight=2000',
      '--max-mutating-requests-inflight=1000',
    ]);
    await record();
    const caFile = join(dir, 'pki', 'apiserver.crt');
    await until('the API server wrote its certificate', children, async () => {
      await access(caFile);
      return true;
    });
    for (const [user, token] of Object.entries(tokens)) {
      const file =
        user === 'admin' ? kubeconfig : join(dir, 'pki', `${user.replace('system:', '')}.kubeconfig`);
      await writeFile(file, kubeconfigFor(url, caFile, user, token), { mode: 0o600 });
    }
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    const core = config.makeApiClient(CoreV1Api);
    await until('the API server was ready', children, async () => {
      await core.readNamespace({ name: 'default' });
      return true;
    });
    run('kube-controller-manager', binaries['kube-controller-manager'], [
      `--kubeconfig=${join(dir, 'pki', 'kube-controller-manager.kubeconfig')}`,
      `--service-account-private-key-file=${keyFile}`,
      `--root-ca-file=${caFile}`,
      '--use-service-account-credentials=true',
      '--leader-elect=false',
      '--secure-port=0',
      '--kube-api-qps=300',
      '--kube-api-burst=600',
      `--horizontal-pod-autoscaler-sync-period=${hpaSyncSeconds}s`,
      '--concurrent-horizontal-pod-autoscaler-syncs=10',
    ]);
    run('kube-scheduler', binaries['kube-scheduler'], [
      `--kubeconfig=${join(dir, 'pki', 'kube-scheduler.kubeconfig')}`,
      '--leader-elect=false',
      '--secure-port=0',
    ]);
    const names = Array.from({ length: nodes }, (_, i) => `fargate-${i}`);
    await Promise.all(names.map((name) => createNode(core, name)));
    run('kwok', binaries.kwok, [
      `--kubeconfig=${kubeconfig}`,
      `--config=${fileURLToPath(new URL('./kwok-stages.yaml', import.meta.url))}`,
      '--manage-all-nodes=true',
      '--node-lease-duration-seconds=40',
      `--server-address=127.0.0.1:${kwokPort}`,
    ]);
    run('fargate', process.execPath, [
      fileURLToPath(new URL('./fargate-child.ts', import.meta.url)),
      JSON.stringify({ dir, kubeconfig, compress, nodes: names, watchPid: options.watchPid }),
    ]);
    await record();
    return describe();
  } catch (error) {
    const logs: string[] = [];
    for (const name of children.keys()) {
      const text = await readFile(join(dir, `${name}.log`), 'utf8').catch(() => '');
      if (text) logs.push(`--- ${name}\n${text.split('\n').slice(-12).join('\n')}`);
    }
    await stopControlPlane(dir);
    throw new Error(`The control plane did not start\n${logs.join('\n')}`, { cause: error });
  }
}

async function createNode(core: CoreV1Api, name: string): Promise<void> {
  await core.createNode({
    body: {
      metadata: { name, labels: { 'eks.amazonaws.com/compute-type': 'fargate' } },
      spec: { taints: [{ key: 'eks.amazonaws.com/compute-type', value: 'fargate', effect: 'NoSchedule' }] },
    },
  });
}

/** The control plane that was started in this directory, if its record is there. */
export async function readControlPlane(dir: string): Promise<ControlPlane | undefined> {
  try {
    return JSON.parse(await readFile(join(dir, 'state.json'), 'utf8')) as ControlPlane;
  } catch {
    return undefined;
  }
}

/** True while the process runs and is ours: its working directory is the control plane's. */
export async function runsIn(pid: number, dir: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  // Where there is no /proc the pid is all there is to go by.
  return command === undefined ? process.platform !== 'linux' : command.includes(dir) || command === '';
}

/** Stops what runs in the directory, the dependents first, and removes it. */
export async function stopControlPlane(dir: string, but?: string): Promise<void> {
  const state = await readControlPlane(dir);
  const order = ['fargate', 'kwok', 'kube-scheduler', 'kube-controller-manager', 'kube-apiserver', 'etcd'];
  for (const name of order) {
    const pid = state?.pids[name];
    if (!pid || name === but || !(await runsIn(pid, dir))) continue;
    process.kill(pid, name === 'etcd' || name === 'fargate' ? 'SIGTERM' : 'SIGKILL');
    const deadline = performance.now() + 5000;
    while (await runsIn(pid, dir)) {
      if (performance.now() > deadline) process.kill(pid, 'SIGKILL');
      await delay(20);
    }
  }
  await rm(dir, { recursive: true, force: true });
}
