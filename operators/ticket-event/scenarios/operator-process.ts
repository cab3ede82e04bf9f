import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { freePorts } from '@onsale/control-plane/free-ports';

/** A replica of the operator as a process of its own, as it is deployed. */
export interface OperatorProcess {
  readonly pid: number;
  readonly logFile: string;
  metrics(): Promise<string>;
  /** Resident memory now and at most, MiB; Linux only. */
  memoryMib(): Promise<{ now: number; most: number }>;
  /** CPU seconds used so far; Linux only. */
  cpuSeconds(): Promise<number>;
  /** Resolves to the exit code when the process has ended; null when the signal itself ended it. */
  kill(signal: NodeJS.Signals): Promise<number | null>;
}

/** What the operator is run with: young objects are few, and Node's default for them is 48 MiB. */
export const operatorNodeFlags = ['--max-semi-space-size=1', '--max-old-space-size=128'];

/** Starts main.ts and resolves once its caches are filled. */
export async function startOperatorProcess(options: {
  readonly kubeconfig: string;
  readonly name: string;
  readonly logFile: string;
  readonly env?: Record<string, string>;
}): Promise<OperatorProcess> {
  const [port] = await freePorts(1);
  const log = openSync(options.logFile, 'a');
  const child: ChildProcess = spawn(
    process.execPath,
    [...operatorNodeFlags, fileURLToPath(new URL('../main.ts', import.meta.url))],
    {
      env: {
        PATH: process.env['PATH'],
        KUBECONFIG: options.kubeconfig,
        POD_NAME: options.name,
        INTERNAL_PORT: String(port),
        HOST: '127.0.0.1',
        AWS_REGION: 'local',
        LEASE_MS: '3000',
        ...options.env,
      },
      stdio: ['ignore', log, log],
    },
  );
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const pid = child.pid!;
  const stopWithUs = () => child.kill('SIGKILL');
  process.once('exit', stopWithUs);
  const deadline = performance.now() + 30_000;
  for (;;) {
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) break;
    if (child.exitCode !== null || performance.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(
        `The operator did not become ready:\n${(await readFile(options.logFile, 'utf8')).slice(-3000)}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    pid,
    logFile: options.logFile,
    metrics: async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text(),
    async memoryMib() {
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      const mib = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
      return { now: Math.round(mib('VmRSS')), most: Math.round(mib('VmHWM')) };
    },
    async cpuSeconds() {
      const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ');
      return (Number(fields[11]) + Number(fields[12])) / 100;
    },
    async kill(signal) {
      child.kill(signal);
      const code = await ended;
      process.removeListener('exit', stopWithUs);
      return code;
    },
  };
}
