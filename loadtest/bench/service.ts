import { fileURLToPath } from 'node:url';
import { type Child, startChild } from './child.ts';

export type ServiceName = 'public-api' | 'confirm-api' | 'confirm-worker';

/** A service in a process of its own, as a deployment starts it. */
export interface Service {
  readonly name: ServiceName;
  readonly pid: number;
  readonly port: number;
  readonly internalPort: number;
  /** From its spawn to its ports being open, milliseconds. */
  readonly servingAfterMs: number;
  readonly child: Child;
}

/** How a service's process is started. */
export interface Entry {
  readonly file: string;
  readonly execArgv: readonly string[];
}

/** What a deployment gives Node (ADR 44). */
export const podFlags = ['--v8-pool-size=1'];

const here = new URL('../../', import.meta.url);

/** By its sources, types stripped as they are loaded: this checkout's, or another one's. */
export function sourceEntry(name: ServiceName, checkout = here): Entry {
  const services = new URL('services/', checkout);
  return {
    file: fileURLToPath(new URL(`${name}/main.ts`, services)),
    execArgv: [...podFlags, '--import', new URL('platform/tracing.ts', services).href],
  };
}

let started = 0;

export async function startService(
  name: ServiceName,
  env: Readonly<Record<string, string>>,
  { file, execArgv }: Entry,
): Promise<Service> {
  const beganAt = performance.now();
  const child = startChild(file, {
    execArgv,
    env: {
      ...env,
      HOST: '127.0.0.1',
      PORT: '0',
      INTERNAL_PORT: '0',
      NODE_ENV: 'production',
      POD_NAME: `${name}-${started++}`,
    },
  });
  const { port = 0, internalPort } = await child.lineThat((line) => {
    if (!line.includes('"serving"')) return undefined;
    return JSON.parse(line) as { port?: number; internalPort: number };
  });
  return { name, pid: child.pid, port, internalPort, servingAfterMs: performance.now() - beganAt, child };
}
