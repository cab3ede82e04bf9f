import { spawnSync } from 'node:child_process';
import { canInstallPackages, installDebianPackages } from './debian-packages.ts';
import { findOnPath } from './find-on-path.ts';
import type { Report } from './report.ts';

const LOWEST_MAJOR = 7;

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
  if (found.tooOld === undefined && (await canInstallPackages())) {
    report(
      'Redis: installing the package redis-tools with apt-get (once; it brings the server, starts no service)',
    );
    try {
      await installDebianPackages(['redis-tools'], async () => (await find()).binary !== undefined);
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
