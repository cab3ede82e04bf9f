import { execFile, spawn } from 'node:child_process';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const buildLimitMs = 45 * 60_000;

/** Whether there is a Go to build with. */
export async function hasGo(): Promise<boolean> {
  return promisify(execFile)('go', ['env', 'GOVERSION']).then(
    () => true,
    () => false,
  );
}

interface GoProgram {
  /** Folder of the go.mod that pins the program and all it is built from. */
  readonly module: string;
  /** The package to build. */
  readonly program: string;
  readonly ldflags?: readonly string[];
  readonly target: string;
}

/** Builds a program of pinned modules at low priority; rejects with the compiler's words. */
export async function buildGoProgram({ module, program, ldflags = [], target }: GoProgram): Promise<void> {
  const flags = ['-s', '-w', ...ldflags].join(' ');
  const child = spawn(
    'nice',
    ['-n', '19', 'go', 'build', '-trimpath', '-ldflags', flags, '-o', target, program],
    {
      cwd: module,
      env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly -buildvcs=false', GOWORK: 'off' },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: buildLimitMs,
    },
  );
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`go build of ${program} failed:\n${output}`);
}

/** Waits until nobody else builds into the cache, whose lock file names its holder; resolves with what gives it back. */
export async function lockBuild(cache: string, say: (line: string) => void): Promise<() => Promise<void>> {
  const path = join(cache, 'build.lock');
  for (let said = false; ; said = true) {
    try {
      const file = await open(path, 'wx');
      await file.writeFile(String(process.pid));
      await file.close();
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = Number(await readFile(path, 'utf8').catch(() => ''));
    const ageMs = Date.now() - (await stat(path).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs;
    // An empty file is a holder between creating and naming itself.
    const gone = holder > 0 ? !isRunning(holder) : ageMs > 5000;
    if (gone) {
      await rm(path, { force: true });
      continue;
    }
    if (!said) say(`Process ${holder} is building; waiting for it`);
    await delay(1000);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
