import { readFile, writeFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A process that ended itself, and the point at which it did: `confirm-worker: Redis mark-sold-3`. */
export interface Crash {
  readonly pid: number;
  readonly point: string;
}

/** The points between two stores at which services end themselves when they are told to (crash-hook.ts). */
export interface CrashPoints {
  /** Ends the next process that comes to one of the points; `confirm-api: *` are all of a service at which none has ended. */
  arm(points: readonly string[]): Promise<void>;
  disarm(): Promise<void>;
  /** All points some process has come to, in that order. */
  seen(): Promise<string[]>;
  died(): Promise<Crash[]>;
}

/** Finds them in the directory the hook was given. */
export function createCrashPoints(dir: string): CrashPoints {
  const lines = async (name: string) => {
    const text = await readFile(join(dir, name), 'utf8').catch(() => '');
    return [...new Set(text.split('\n').filter((line) => line !== ''))];
  };
  return {
    arm: (points) => writeFile(join(dir, 'armed'), points.join('\n')),
    disarm: () => rm(join(dir, 'armed'), { force: true }),
    seen: () => lines('seen'),
    died: async () =>
      (await lines('died')).map((line) => {
        const [pid = ''] = line.split(' ', 1);
        return { pid: Number(pid), point: line.slice(pid.length + 1) };
      }),
  };
}
