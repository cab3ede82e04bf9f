import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { findBinaries } from '@onsale/control-plane/binaries';
import { freePorts } from '@onsale/control-plane/free-ports';
import { kubectlAndHelm } from '@onsale/control-plane/kubectl-layer';
import { until } from '@onsale/control-plane/until';
import { startControlPlane, stopControlPlane } from '@onsale/control-plane/start-control-plane';
import type { Test } from 'tap';

/** What a program said, and whether it was content. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A control plane with kubectl and helm speaking to it. */
export interface ChartCluster {
  readonly dir: string;
  readonly kubeconfig: string;
  readonly config: KubeConfig;
  kubectl(args: readonly string[], input?: string): Promise<Said>;
  helm(...args: readonly string[]): Promise<Said>;
  /** Throws what it said when it failed. */
  helmOk(...args: readonly string[]): Promise<string>;
  apply(...objects: readonly (string | object)[]): Promise<void>;
  /** A token of a service account. */
  tokenOf(namespace: string, account: string): Promise<string>;
}

/** Starts one, gone after the test; pods start within a second. */
export async function startChartCluster(t: Test): Promise<ChartCluster> {
  const binaries = await findBinaries({ assets: process.env['KUBEBUILDER_ASSETS'] });
  if (!binaries) throw new Error('No control plane is built: npm run setup');
  const programs = await kubectlAndHelm();
  const dir = await mkdtemp(join(tmpdir(), 'onsale-charts-'));
  const plane = await startControlPlane({
    binaries,
    dir,
    watchPid: process.pid,
    compress: 100,
    nodes: 3,
    hpaSyncSeconds: 1,
  });
  t.teardown(() => stopControlPlane(dir));
  const config = new KubeConfig();
  config.loadFromFile(plane.kubeconfig);
  const env = {
    ...process.env,
    KUBECONFIG: plane.kubeconfig,
    HELM_CACHE_HOME: dir,
    HELM_CONFIG_HOME: dir,
    HELM_DATA_HOME: dir,
  };

  const run = (program: string, args: readonly string[], input?: string) =>
    new Promise<Said>((resolve) => {
      const child = execFile(
        program,
        args,
        { encoding: 'utf8', env, maxBuffer: 64 * 1024 * 1024, timeout: 180_000 },
        (error, out, err) => resolve({ code: error ? Number(error.code ?? 1) : 0, out, err }),
      );
      if (input !== undefined) child.stdin?.end(input);
    });
  const helm = (...args: readonly string[]) => run(programs.helm, args);
  const kubectl = (args: readonly string[], input?: string) => run(programs.kubectl, args, input);
  return {
    dir,
    kubeconfig: plane.kubeconfig,
    config,
    kubectl,
    helm,
    async helmOk(...args) {
      const { code, out, err } = await helm(...args);
      if (code !== 0) throw new Error(`helm ${args.join(' ')}:\n${err}`);
      return out;
    },
    async apply(...objects) {
      const input = objects
        .map((one) => (typeof one === 'string' ? one : JSON.stringify(one)))
        .join('\n---\n');
      const { code, err } = await kubectl(['apply', '--server-side', '-f', '-'], input);
      if (code !== 0) throw new Error(err);
    },
    async tokenOf(namespace, account) {
      const { status } = await config.makeApiClient(CoreV1Api).createNamespacedServiceAccountToken({
        namespace,
        name: account,
        body: { spec: { audiences: ['https://kubernetes.default.svc'], expirationSeconds: 3600 } },
      });
      return status?.token ?? '';
    },
  };
}

/** Runs the operator as the account of its chart, and resolves once it is ready. */
export async function startOperator(
  t: Test,
  cluster: ChartCluster,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const account = 'ticket-event-operator';
  const file = join(cluster.dir, 'operator.kubeconfig');
  const config = JSON.parse(await readFile(cluster.kubeconfig, 'utf8')) as { users: { user: object }[] };
  config.users[0]!.user = { token: await cluster.tokenOf(settings['POD_NAMESPACE']!, account) };
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  const [port] = await freePorts(1);
  const logFile = join(cluster.dir, 'operator.log');
  const log = openSync(logFile, 'a');
  const child: ChildProcess = spawn(
    process.execPath,
    [fileURLToPath(new URL('../../operators/ticket-event/main.ts', import.meta.url))],
    {
      env: {
        PATH: process.env['PATH'],
        KUBECONFIG: file,
        POD_NAME: 'operator',
        INTERNAL_PORT: String(port),
        HOST: '127.0.0.1',
        LEASE_MS: '3000',
        ...settings,
      },
      stdio: ['ignore', log, log],
    },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stopWithUs = () => child.kill('SIGKILL');
  process.once('exit', stopWithUs);
  t.teardown(async () => {
    child.kill('SIGKILL');
    await ended;
    process.removeListener('exit', stopWithUs);
  });
  await until('the operator', 60, async () => {
    if (child.exitCode !== null) throw new Error((await readFile(logFile, 'utf8')).slice(-3000));
    return fetch(`http://127.0.0.1:${port}/readyz`).then(
      (answer) => (answer.ok ? true : undefined),
      () => undefined,
    );
  });
}
