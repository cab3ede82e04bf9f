import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A line of its log. */
export interface FixtureLine {
  readonly level: string;
  readonly event?: string;
  readonly step?: string;
  /** Of a step that ran: which it was, from 1. */
  readonly turn?: number;
  readonly port?: number;
  readonly internalPort?: number;
  readonly err?: { readonly message?: string; readonly code?: string };
}

/** A fixture service that runs, with what it has logged. */
export interface FixtureService {
  readonly child: ChildProcess;
  readonly lines: readonly FixtureLine[];
  readonly stderr: () => string;
  /** Ports once it serves. */
  readonly serving: Promise<{ port: number; internalPort: number }>;
  /** Its exit code once it has ended. */
  readonly exited: Promise<number | null>;
}

/** Starts fixture-service.ts on free ports; it is killed when the test ends. */
export function startFixtureService(
  t: { teardown(handler: () => unknown): void },
  env: Readonly<Record<string, string>> = {},
): FixtureService {
  const child = fork(fileURLToPath(new URL('./fixture-service.ts', import.meta.url)), {
    env: { HOST: '127.0.0.1', PORT: '0', INTERNAL_PORT: '0', NEEDED: 'x', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const lines: FixtureLine[] = [];
  let stderr = '';
  let rest = '';
  // Not the child's 'close': Node leaves it out after a disconnect.
  const exited = (async () => {
    const [[code]] = (await Promise.all([
      once(child, 'exit'),
      once(child.stdout!, 'close'),
      once(child.stderr!, 'close'),
    ])) as [[number | null], unknown, unknown];
    return code;
  })();
  const serving = new Promise<{ port: number; internalPort: number }>((resolve, reject) => {
    child.stdout!.on('data', (chunk) => {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop()!;
      for (const part of parts) {
        const line = JSON.parse(part) as FixtureLine;
        lines.push(line);
        if (line.event === 'serving') resolve({ port: line.port!, internalPort: line.internalPort! });
      }
    });
    void exited.then(() => reject(new Error(`ended before it served: ${stderr}${JSON.stringify(lines)}`)));
  });
  serving.catch(() => undefined);
  child.stderr!.on('data', (chunk) => (stderr += chunk));
  return { child, lines, stderr: () => stderr, serving, exited };
}
