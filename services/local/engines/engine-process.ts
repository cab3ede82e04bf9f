import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { childEnvironment } from './child-environment.ts';
import { PortTakenError } from './port-taken-error.ts';
import { forgetProcess, stopWhenOrphaned } from './reaper.ts';

const LINES_KEPT = 40;
const START_DEADLINE_MS = 90_000;
const STOP_GRACE_MS = 10_000;

/** How an engine's process ended, with the last lines it wrote. */
export interface EngineExit {
  readonly engine: string;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly lastLines: readonly string[];
}

/** What to run and how to tell that it serves. */
export interface EngineProcessOptions {
  /** Name for people: 'Redis'. */
  readonly engine: string;
  readonly port: number;
  readonly command: string;
  readonly args: readonly string[];
  readonly argv0?: string;
  readonly cwd?: string;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Added to childEnvironment(). */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * The output line that says the engine serves; 'message' for a Node child that sends one over IPC; 'spawn' where the
   * caller finds out by itself.
   */
  readonly ready: RegExp | 'message' | 'spawn';
  /** Sees every line of output. */
  readonly onLine?: (line: string) => void;
  readonly stopSignal: NodeJS.Signals;
  /** Ninety seconds when absent: an engine that has failed ends by itself, one on a busy machine comes. */
  readonly startDeadlineMs?: number;
  /** Ten seconds when absent. */
  readonly stopGraceMs?: number;
  /** Called once when the engine ends without `stop()` having been called. */
  readonly onExit?: ((exit: EngineExit) => void) | undefined;
}

/** A running engine. */
export interface EngineProcess {
  readonly pid: number;
  /** Resolves when the process has ended. */
  readonly exited: Promise<EngineExit>;
  isRunning(): boolean;
  /** Sends a signal as a fault would: the end it causes is reported to onExit. */
  kill(signal: NodeJS.Signals): void;
  /** Asks the engine to stop, after a grace kills it, and resolves when it is gone. */
  stop(): Promise<void>;
}

/** Says an engine's end in one line: "Redis stopped unexpectedly (exit 1); its last line: …". */
export function describeExit(exit: EngineExit): string {
  const how = exit.signal === null ? `exit ${exit.exitCode}` : `killed by ${exit.signal}`;
  const last = exit.lastLines.at(-1);
  return `${exit.engine} stopped unexpectedly (${how})${last === undefined ? '' : `; its last line: ${last}`}`;
}

function startFailure(options: EngineProcessOptions, reason: string, lines: readonly string[]): Error {
  if (lines.some((line) => /address already in use|EADDRINUSE/i.test(line))) {
    return new PortTakenError(options.engine, options.port);
  }
  const output = lines.length === 0 ? '' : `\n${lines.map((line) => `  ${line}`).join('\n')}`;
  return new Error(`${options.engine} did not start: ${reason}${output}`);
}

async function untilReady(
  child: ChildProcess,
  options: EngineProcessOptions,
  exited: Promise<EngineExit>,
  lines: string[],
): Promise<void> {
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  const onLine = (line: string) => {
    lines.push(line);
    if (lines.length > LINES_KEPT) lines.shift();
    if (options.ready instanceof RegExp && options.ready.test(line)) resolve();
    options.onLine?.(line);
  };
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on('line', onLine);
  }
  if (options.ready === 'message' || options.ready === 'spawn') child.once(options.ready, () => resolve());
  child.on('error', (cause) =>
    reject(new Error(`${options.engine} could not be run: ${options.command}`, { cause })),
  );
  const deadlineMs = options.startDeadlineMs ?? START_DEADLINE_MS;
  const deadline = setTimeout(() => {
    reject(startFailure(options, `not ready after ${deadlineMs / 1000} s`, lines));
  }, deadlineMs);
  void exited.then((exit) => reject(startFailure(options, `exit ${exit.exitCode ?? exit.signal}`, lines)));
  try {
    await ready;
  } catch (error) {
    child.kill('SIGKILL');
    await exited;
    throw error;
  } finally {
    clearTimeout(deadline);
  }
}

/**
 * Runs an engine as a child process and resolves when it serves; throws PortTakenError, or an error that carries its last
 * lines. The child leads a process group of its own, so that Ctrl-C in the terminal reaches the runner alone and engines
 * outlive the services' drain. If this process dies without stopping it, the reaper does.
 */
export async function startEngineProcess(options: EngineProcessOptions): Promise<EngineProcess> {
  const child = spawn(options.command, options.args, {
    argv0: options.argv0,
    cwd: options.cwd,
    uid: options.uid,
    gid: options.gid,
    detached: true,
    env: { ...childEnvironment(), ...options.environment },
    stdio: options.ready === 'message' ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid !== undefined) stopWhenOrphaned(pid, options.stopSignal);

  const lines: string[] = [];
  let serving = false;
  let stopping = false;
  // 'close' rather than 'exit': by then the last lines have been read.
  const exited = new Promise<EngineExit>((resolve) => {
    child.once('close', (exitCode, signal) => {
      if (pid !== undefined) forgetProcess(pid);
      resolve({ engine: options.engine, exitCode, signal, lastLines: [...lines] });
    });
  });
  await untilReady(child, options, exited, lines);
  if (pid === undefined) throw new Error(`${options.engine} has no process id`);
  serving = true;
  void exited.then((exit) => {
    serving = false;
    if (!stopping) options.onExit?.(exit);
  });

  return {
    pid,
    exited,
    isRunning: () => serving,
    kill: (signal) => {
      child.kill(signal);
    },
    stop: async () => {
      stopping = true;
      child.kill('SIGCONT');
      child.kill(options.stopSignal);
      const givenUp = new AbortController();
      const patience = delay(options.stopGraceMs ?? STOP_GRACE_MS, undefined, {
        signal: givenUp.signal,
      }).then(
        () => child.kill('SIGKILL'),
        () => {},
      );
      await exited;
      givenUp.abort();
      await patience;
    },
  };
}
