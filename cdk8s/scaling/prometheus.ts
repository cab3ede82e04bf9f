import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const cache = join(homedir(), '.cache', 'onsale', 'prometheus');

/** Where setup unpacks both programs, then where a system's own package puts them. */
const places = [cache, '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];

/** Prometheus' own rule checker, and Prometheus itself. */
export interface Prometheus {
  readonly promtool: string;
  readonly server: string;
}

/** Undefined where the two are not installed. */
export async function findPrometheus(): Promise<Prometheus | undefined> {
  for (const place of places) {
    const programs = { promtool: join(place, 'promtool'), server: join(place, 'prometheus') };
    const areThere = await Promise.all(Object.values(programs).map((path) => access(path))).then(
      () => true,
      () => false,
    );
    if (areThere) return programs;
  }
  return undefined;
}

/** Finds both, or unpacks them from Debian's package `prometheus`: nothing is installed and no server starts. */
export async function ensurePrometheus(report: (line: string) => void): Promise<string> {
  const found = await findPrometheus();
  if (found !== undefined) return found.server;
  report('Prometheus: unpacking it from its package (once)');
  await mkdir(join(cache, '..'), { recursive: true });
  const fresh = await mkdtemp(`${cache}.`);
  try {
    const download = () => run('apt-get', ['download', 'prometheus'], { cwd: fresh });
    // Package lists may be missing, or older than what the mirror still has.
    await download().catch(async () => {
      await run('apt-get', ['-o', 'DPkg::Lock::Timeout=120', 'update']);
      await download();
    });
    const [file] = await readdir(fresh);
    await run('dpkg-deb', ['--extract', file!, 'package'], { cwd: fresh });
    await mkdir(cache, { recursive: true });
    for (const program of ['promtool', 'prometheus'])
      await rename(join(fresh, 'package', 'usr', 'bin', program), join(cache, program));
  } catch (cause) {
    throw new Error('Prometheus is missing: install your system’s package prometheus', { cause });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return join(cache, 'prometheus');
}
