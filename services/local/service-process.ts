import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type EngineExit, startEngineProcess } from './engines/engine-process.ts';
import { freePort } from './engines/free-port.ts';

export const serviceNames = ['public-api', 'confirm-api', 'confirm-worker'] as const;
export type ServiceName = (typeof serviceNames)[number];

/** One replica of a service. */
export interface ServiceProcess {
  readonly pid: number;
  /** Where the load balancer reaches it; worker and bots have no such address. */
  readonly url: string;
  readonly internalUrl: string;
  /** Sends a signal as a fault would; resolves once a SIGKILL has ended the process, else at once. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** SIGTERM: the service drains and ends by itself. */
  stop(): Promise<void>;
}

export interface ServiceOptions {
  readonly name: ServiceName | 'bots';
  readonly environment: Readonly<Record<string, string>>;
  /** Its log is appended to `<logDir>/<name>.log`. */
  readonly logDir: string;
  readonly onExit: (exit: EngineExit) => void;
  /** Its bundle's entry file; its source when absent. */
  readonly bundle?: string | undefined;
}

const tracing = new URL('../platform/tracing.ts', import.meta.url).href;
const readyDeadlineMs = 90_000;

/** Starts a replica on free ports and resolves when its /readyz says so. */
export async function startService(options: ServiceOptions): Promise<ServiceProcess> {
  const { name } = options;
  const [port, internalPort] = await Promise.all([freePort(), freePort()]);
  const log: WriteStream = createWriteStream(join(options.logDir, `${name}.log`), { flags: 'a' });
  const child = await startEngineProcess({
    engine: name,
    port,
    command: process.execPath,
    // Preloaded as a bundle does by itself; without a collector it does nothing.
    args: options.bundle
      ? [options.bundle]
      : ['--import', tracing, fileURLToPath(new URL(`../${name}/main.ts`, import.meta.url))],
    ready: 'spawn',
    stopSignal: 'SIGTERM',
    stopGraceMs: 30_000,
    environment: {
      ...options.environment,
      OTEL_SERVICE_NAME: name,
      HOST: '127.0.0.1',
      PORT: String(port),
      INTERNAL_PORT: String(internalPort),
      POD_NAME: `${name}-${port}`,
    },
    onLine: (line) => log.write(`${line}\n`),
    onExit: options.onExit,
  });
  const internalUrl = `http://127.0.0.1:${internalPort}`;
  const deadline = performance.now() + readyDeadlineMs;
  let answer = 'no answer';
  while (child.isRunning()) {
    try {
      const ready = await fetch(`${internalUrl}/readyz`, { signal: AbortSignal.timeout(2000) });
      if (ready.status === 200) {
        return {
          pid: child.pid,
          url: `http://127.0.0.1:${port}`,
          internalUrl,
          async kill(signal) {
            child.kill(signal);
            if (signal === 'SIGKILL') await child.exited;
          },
          stop: child.stop,
        };
      }
      answer = await ready.text();
    } catch {
      // Not listening yet.
    }
    if (performance.now() > deadline) {
      await child.stop();
      throw new Error(`${name} was not ready within ${readyDeadlineMs / 1000} s: ${answer}`);
    }
    await delay(25);
  }
  const exit = await child.exited;
  throw new Error(
    `${name} ended while starting (${exit.signal ?? `exit ${exit.exitCode}`}):\n${exit.lastLines.join('\n')}`,
  );
}
