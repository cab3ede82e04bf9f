import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { Parser, type Result } from 'tap-parser';

/** One failed assertion, or a fault of the file as a whole. */
export interface Failure {
  /** Names of the tests around it, then its own. */
  readonly name: string;
  /** What tap says about it: at, stack, source, diff, cause. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** What one test file did. The counts are of its top-level tests; a fault of the whole file counts as one failed. */
export interface TestFileResult {
  readonly path: string;
  readonly seconds: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly Failure[];
  /** What the file printed besides its results. */
  readonly output: string;
}

/** How to run a test file. */
export interface TestFileOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

/** After its own time is up, tap reports what was still open; then everything the file started is killed. */
const GRACE_SECONDS = 3;
const OUTPUT_DEADLINE_MS = 2_000;

/** Kills a process and everything it started that did not leave its process group. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Waits until streams have ended; one that a process outside the group keeps open is closed from here. */
async function closed(streams: readonly Readable[]): Promise<void> {
  const late = setTimeout(() => {
    for (const stream of streams) stream.push(null);
  }, OUTPUT_DEADLINE_MS);
  await Promise.all(streams.map((stream) => finished(stream)));
  clearTimeout(late);
}

function readResults() {
  const count = { passed: 0, failed: 0, skipped: 0 };
  const failures: Failure[] = [];
  const output: string[] = [];
  const parser = new Parser();
  parser.on('assert', ({ ok, skip, todo }: Result) => {
    count[skip !== false || todo !== false ? 'skipped' : ok ? 'passed' : 'failed'] += 1;
  });
  parser.on('fail', ({ fullname, name, diag }: Result) => {
    const details = (diag ?? undefined) as Failure['details'];
    failures.push({ name: fullname || name, ...(details === undefined ? {} : { details }) });
  });
  parser.on('bailout', (reason: string) => {
    count.failed += 1;
    failures.push({ name: `bailed out: ${reason}` });
  });
  parser.on('extra', (line: string) => output.push(line));
  return { parser, count, failures, output };
}

/**
 * Runs one tap file by itself and reads its results. A file that crashes, leaves tests out of its plan, has no tests or
 * takes too long has failed; whatever it started is gone afterwards.
 */
export async function runTestFile(path: string, options: TestFileOptions): Promise<TestFileResult> {
  const begin = performance.now();
  let fault: string | undefined;
  let deadline: NodeJS.Timeout | undefined;
  const { parser, count, failures, output } = readResults();
  const child = spawn(process.execPath, ['--enable-source-maps', path], {
    cwd: options.cwd,
    env: { ...options.env, TAP: '1', TAP_TIMEOUT: String(options.timeoutSeconds) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A group of its own, so that what the file leaves behind can be ended with it.
    detached: true,
    // The types know no pipes beside a channel.
  }) as ChildProcessByStdio<null, Readable, Readable>;
  const { pid } = child;
  function stop(reason: string): void {
    fault ??= reason;
    if (pid !== undefined) killGroup(pid);
  }
  function setDeadline(seconds: number): void {
    clearTimeout(deadline);
    deadline = setTimeout(
      () => stop(`did not end within ${seconds} s and ${GRACE_SECONDS} s of grace`),
      (seconds + GRACE_SECONDS) * 1000,
    );
  }
  // A file that calls t.setTimeout says so by its channel: this is how tap's own runner learns of it.
  child.on('message', (message: { setTimeout?: unknown }) => {
    if (typeof message.setTimeout === 'number') setDeadline(message.setTimeout / 1000);
  });
  const onAbort = () => stop('interrupted');
  setDeadline(options.timeoutSeconds);
  options.signal.addEventListener('abort', onAbort);
  if (options.signal.aborted) onAbort();

  const printed = text(child.stderr);
  child.stdout.pipe(parser);
  await new Promise<void>((resolve) => {
    child.once('error', (error) => {
      fault ??= `could not be started: ${error.message}`;
      resolve();
    });
    child.once('exit', (code, signal) => {
      if (signal !== null) fault ??= `was ended by ${signal}`;
      else if (code !== 0 && failures.length === 0) fault ??= `exited with code ${code}`;
      // What the file left running goes too: it may hold the output open.
      if (pid !== undefined) killGroup(pid);
      resolve();
    });
  });
  clearTimeout(deadline);
  options.signal.removeEventListener('abort', onAbort);
  await closed([child.stdout, child.stderr]);
  parser.end();

  if (count.passed + count.failed + count.skipped === 0) fault ??= 'has no tests';
  if (count.failed === 0 && parser.results?.ok === false) fault ??= 'ended before its plan was fulfilled';
  if (fault !== undefined) {
    count.failed += 1;
    failures.push({ name: `the file ${fault}` });
  }
  return {
    path,
    seconds: (performance.now() - begin) / 1000,
    ...count,
    failures,
    output: `${output.join('')}${await printed}`.trim(),
  };
}
