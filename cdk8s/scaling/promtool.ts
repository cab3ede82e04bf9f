import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const cache = join(homedir(), '.cache', 'onsale', 'promtool');

/** Where a system's own package puts it, after the one that setup unpacked. */
const places = [
  join(cache, 'promtool'),
  '/usr/bin/promtool',
  '/usr/local/bin/promtool',
  '/opt/homebrew/bin/promtool',
];

/** Prometheus' own rule checker; undefined where it is not installed. */
export async function findPromtool(): Promise<string | undefined> {
  for (const place of places) {
    if (
      await access(place).then(
        () => true,
        () => false,
      )
    )
      return place;
  }
  return undefined;
}

/** Finds promtool, or unpacks it from Debian's package `prometheus`: nothing is installed and no server starts. */
export async function ensurePromtool(report: (line: string) => void): Promise<string> {
  const found = await findPromtool();
  if (found !== undefined) return found;
  report('promtool: unpacking it from the package prometheus (once)');
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
    await rename(join(fresh, 'package', 'usr', 'bin', 'promtool'), join(cache, 'promtool'));
  } catch (cause) {
    throw new Error('promtool is missing: install your system’s package prometheus', { cause });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return join(cache, 'promtool');
}
