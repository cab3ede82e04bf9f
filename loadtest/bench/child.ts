import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process this program started, with the last it said. */
export interface Child {
  readonly pid: number;
  send(message: object): void;
  /** The child's next message. */
  nextMessage<Message>(): Promise<Message>;
  /** Resolves with the first line of its output the predicate takes; rejects when it ends before. */
  lineThat<Line>(read: (line: string) => Line | undefined): Promise<Line>;
  /** Asks it to end and resolves when it is gone, killed after ten seconds. */
  stop(): Promise<void>;
}

export interface ChildOptions {
  readonly args?: readonly string[];
  readonly execArgv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const linesKept = 30;
const stopGraceMs = 10_000;

const running = new Set<ChildProcess>();

/** Starts a file in a Node process of its own; it ends with this one, by its closed channel. */
export function startChild(file: string | URL, options: ChildOptions = {}): Child {
  const path = typeof file === 'string' ? file : fileURLToPath(file);
  const child = fork(path, options.args ?? [], {
    ...(options.env ? { env: options.env } : {}),
    execArgv: [...(options.execArgv ?? [])],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Not in the terminal's group: Ctrl-C is this program's to answer.
    detached: true,
  });
  running.add(child);
  const lines: string[] = [];
  const readers = new Set<(line: string) => void>();
  for (const stream of [child.stdout!, child.stderr!]) {
    let rest = '';
    stream.on('data', (chunk: Buffer) => {
      const parts = (rest + chunk.toString()).split('\n');
      rest = parts.pop()!;
      for (const line of parts) {
        lines.push(line);
        if (lines.length > linesKept) lines.shift();
        for (const reader of readers) reader(line);
      }
    });
  }
  const exited = once(child, 'exit').then(() => {
    running.delete(child);
  });
  const ended = async (): Promise<never> => {
    await exited;
    throw new Error(`${path} ended with ${child.exitCode ?? child.signalCode}:\n${lines.join('\n')}`);
  };
  return {
    pid: child.pid!,
    send: (message) => child.send(message),
    nextMessage: async <Message>() => (await Promise.race([once(child, 'message'), ended()]))[0] as Message,
    lineThat: async <Line>(read: (line: string) => Line | undefined) => {
      const { promise, resolve } = Promise.withResolvers<Line>();
      const reader = (line: string) => {
        const found = read(line);
        if (found !== undefined) resolve(found);
      };
      readers.add(reader);
      lines.forEach(reader);
      try {
        return await Promise.race([promise, ended()]);
      } finally {
        readers.delete(reader);
      }
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      if (child.connected) child.disconnect();
      else child.kill('SIGTERM');
      const kill = setTimeout(() => child.kill('SIGKILL'), stopGraceMs);
      await exited;
      clearTimeout(kill);
    },
  };
}
