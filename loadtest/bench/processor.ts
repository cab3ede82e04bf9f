import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Where the server under test runs, and everything else. */
export type Place = 'under-test' | 'beside';

const cores = availableParallelism();

/**
 * Puts a process with all its threads on the core of the server under test, or on the others; what it starts afterwards
 * stays there. False where that cannot be had: one core, or no taskset.
 */
export function pinProcess(pid: number, place: Place): boolean {
  if (cores < 2) return false;
  const list = place === 'under-test' ? '0' : `1-${cores - 1}`;
  try {
    execFileSync('taskset', ['-a', '-c', '-p', list, String(pid)], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * CPU time of a process in microseconds, over all of its threads, by the kernel's scheduler statistics: nanoseconds,
 * where /proc/<pid>/stat counts hundredths of a second.
 */
export function cpuTimeUs(pid: number): number {
  const tasks = `/proc/${pid}/task`;
  let nanoseconds = 0;
  for (const task of readdirSync(tasks)) {
    try {
      nanoseconds += Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]);
    } catch {
      // A thread that ended between the two calls.
    }
  }
  return nanoseconds / 1000;
}

/** Memory of a process now and at its peak, in megabytes. */
export function memoryOf(pid: number): { readonly rssMb: number; readonly peakMb: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (field: string) =>
    Math.round(Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024);
  return { rssMb: megabytes('VmRSS'), peakMb: megabytes('VmHWM') };
}
