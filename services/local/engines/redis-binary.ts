import { execFile, spawnSync } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Report } from './report.ts';

const run = promisify(execFile);

const LOWEST_MAJOR = 7;
const APT_DEADLINE_MS = 180_000;
const APT_LOCK_RETRY_MS = 1_000;

/** A server program; run it with argv0 `${kind}-server`. */
export interface RedisBinary {
  readonly path: string;
  /** Such as '7.0.15'. */
  readonly version: string;
  readonly kind: 'redis' | 'valkey';
}

// Server, checker and sentinel are one program that looks at the name it was called by. Debian puts it into redis-tools as
// redis-check-rdb; the redis-server package adds a link, and a service that starts at once and takes port 6379.
const PROGRAMS = [
  { name: 'valkey-server', kind: 'valkey' },
  { name: 'redis-server', kind: 'redis' },
  { name: 'valkey-check-rdb', kind: 'valkey' },
  { name: 'redis-check-rdb', kind: 'redis' },
] as const;

async function findOnPath(name: string): Promise<string | undefined> {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    if (directory === '') continue;
    const path = join(directory, name);
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  return undefined;
}

function versionOf(path: string, kind: RedisBinary['kind']): string | undefined {
  // execFile has no argv0.
  const { stdout } = spawnSync(path, ['--version'], { argv0: `${kind}-server`, encoding: 'utf8' });
  return /\bv=(\d+\.\d+\.\d+)/.exec(stdout ?? '')?.[1];
}

async function find(): Promise<{ binary?: RedisBinary; tooOld?: string }> {
  let tooOld: string | undefined;
  for (const { name, kind } of PROGRAMS) {
    const path = await findOnPath(name);
    if (path === undefined) continue;
    const version = versionOf(path, kind);
    if (version === undefined) continue;
    if (Number.parseInt(version, 10) >= LOWEST_MAJOR) return { binary: { path, version, kind } };
    tooOld ??= `${path} is version ${version}`;
  }
  return tooOld === undefined ? {} : { tooOld };
}

async function apt(...args: string[]): Promise<void> {
  await run('apt-get', ['-o', 'DPkg::Lock::Timeout=120', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
  });
}

/** Two processes may install at once: whoever finds a lock held waits and looks whether the other has done the work. */
async function installByApt(report: Report): Promise<void> {
  const deadline = performance.now() + APT_DEADLINE_MS;
  const steps = [
    ['install', '-y', '--no-install-recommends', 'redis-tools'],
    ['update'],
    ['install', '-y', '--no-install-recommends', 'redis-tools'],
  ];
  report(
    'Redis: installing the package redis-tools with apt-get (once; it brings the server, starts no service)',
  );
  let step = 0;
  while (step < steps.length) {
    const args = steps[step] ?? [];
    try {
      await apt(...args);
      if (args[0] === 'install') return;
      step += 1;
    } catch (cause) {
      if ((await find()).binary !== undefined) return;
      const lockHeld = /could not get lock|unable to (acquire|lock)/i.test(String(cause));
      if (lockHeld && performance.now() < deadline) {
        await delay(APT_LOCK_RETRY_MS);
      } else if (step === 0) {
        step = 1;
      } else {
        throw new Error(`apt-get ${args.join(' ')} failed`, { cause });
      }
    }
  }
}

async function installCommand(): Promise<string> {
  if (process.platform === 'darwin') return 'brew install valkey';
  const managers = [
    ['apt-get', 'sudo apt-get install -y redis-tools'],
    ['dnf', 'sudo dnf install -y valkey'],
    ['apk', 'sudo apk add valkey'],
    ['pacman', 'sudo pacman -S valkey'],
  ] as const;
  for (const [manager, command] of managers) {
    if ((await findOnPath(manager)) !== undefined) return command;
  }
  return 'the package valkey or redis of your system';
}

async function findOrInstall(report: Report): Promise<RedisBinary> {
  let found = await find();
  if (found.binary !== undefined) return found.binary;
  let cause: unknown;
  if (found.tooOld === undefined && process.getuid?.() === 0 && (await findOnPath('apt-get')) !== undefined) {
    try {
      await installByApt(report);
    } catch (error) {
      cause = error;
    }
    found = await find();
    if (found.binary !== undefined) return found.binary;
  }
  const problem =
    found.tooOld === undefined
      ? `no valkey-server or redis-server on PATH; install one with: ${await installCommand()}`
      : `${found.tooOld}, but version ${LOWEST_MAJOR} or later is needed (https://valkey.io/download/)`;
  throw new Error(`Redis: ${problem}`, { cause });
}

let sought: Promise<RedisBinary> | undefined;

/**
 * Finds a Valkey or Redis server of version 7 or later on PATH; on Debian and Ubuntu, when run as root, installs one.
 * Otherwise throws an error that names the command to run.
 */
export function ensureRedisBinary(report: Report): Promise<RedisBinary> {
  sought ??= findOrInstall(report).catch((error: unknown) => {
    sought = undefined;
    throw error;
  });
  return sought;
}
