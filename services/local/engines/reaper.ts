import { type ChildProcess, spawn } from 'node:child_process';
import { childEnvironment } from './child-environment.ts';
import { plainNode } from './plain-node.ts';

/** One line to the reaper process: what to clean up when this process is gone, or what no longer needs it. */
export type ReaperOrder =
  | { readonly order: 'watch'; readonly pid: number; readonly stopSignal: NodeJS.Signals }
  | { readonly order: 'forget'; readonly pid: number }
  | { readonly order: 'remove'; readonly path: string }
  | { readonly order: 'keep'; readonly path: string };

let child: ChildProcess | undefined;

/**
 * A second process holds the read end of a pipe from this one. When this process ends in whatever way, kill -9 included,
 * the pipe reaches its end and the reaper stops the recorded engines and removes the recorded directories. Linux alone
 * would offer a parent death signal (setpriv --pdeathsig); a pipe's end works on macOS too.
 */
function tellReaper(order: ReaperOrder): void {
  if (child === undefined) {
    const { command, args } = plainNode(new URL('./reaper-child.ts', import.meta.url));
    child = spawn(command, args, {
      cwd: '/',
      detached: true,
      env: childEnvironment(),
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    // Neither the reaper nor the pipe to it may keep a finished process alive.
    child.unref();
    child.on('error', () => {
      child = undefined;
    });
    const pipe = child.stdin as (NodeJS.WritableStream & { unref?(): void }) | null;
    pipe?.unref?.();
    pipe?.on('error', () => {
      child = undefined;
    });
  }
  child.stdin?.write(`${JSON.stringify(order)}\n`);
}

/** Has a process stopped when this one is gone: its stop signal first, SIGKILL three seconds later. */
export function stopWhenOrphaned(pid: number, stopSignal: NodeJS.Signals): void {
  tellReaper({ order: 'watch', pid, stopSignal });
}

/** Takes back stopWhenOrphaned once the process has ended, before its pid can be given to another. */
export function forgetProcess(pid: number): void {
  tellReaper({ order: 'forget', pid });
}

/** Has a directory removed when this process is gone, after the watched processes. */
export function removeWhenOrphaned(path: string): void {
  tellReaper({ order: 'remove', path });
}

/** Takes back removeWhenOrphaned. */
export function forgetDirectory(path: string): void {
  tellReaper({ order: 'keep', path });
}
