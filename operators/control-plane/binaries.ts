import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pins, type Program, programs } from './pins.ts';

const goModule = fileURLToPath(new URL('./go', import.meta.url));
const names = Object.keys(programs) as Program[];
const buildLimitMs = 45 * 60_000;

/** Absolute paths of the programs. */
export type Binaries = Readonly<Record<Program, string>>;

/** Settings that decide where programs come from. */
export interface BinarySettings {
  /** A directory with ready-made etcd and kube-apiserver, as envtest names it. */
  readonly assets?: string | undefined;
  /** Root of the caches; default: ~/.cache/onsale. */
  readonly cacheRoot?: string | undefined;
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** The cache's directory: another pin, module file or machine is another directory. */
export async function binaryCache(settings: BinarySettings): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([pins, programs, process.platform, process.arch]));
  for (const file of ['go.mod', 'go.sum']) hash.update(await readFile(join(goModule, file)));
  const root = settings.cacheRoot ?? join(homedir(), '.cache', 'onsale');
  return join(root, `control-plane-${hash.digest('hex').slice(0, 16)}`);
}

/** The programs if they are there without building; undefined otherwise. */
export async function findBinaries(settings: BinarySettings): Promise<Binaries | undefined> {
  const cache = await binaryCache(settings);
  const found: Partial<Record<Program, string>> = {};
  for (const name of names) {
    const places = [...(settings.assets ? [join(settings.assets, name)] : []), join(cache, name)];
    for (const place of places) {
      if (found[name] === undefined && (await exists(place))) found[name] = place;
    }
    if (found[name] === undefined) return undefined;
  }
  return found as Binaries;
}

/** Finds the programs, or builds those that are missing with Go; one build at a time per cache. */
export async function ensureBinaries(
  settings: BinarySettings,
  say: (line: string) => void,
): Promise<Binaries> {
  const ready = await findBinaries(settings);
  if (ready) return ready;
  const go = await promisify(execFile)('go', ['env', 'GOVERSION']).catch(() => undefined);
  if (!go) {
    throw new Error(
      'The control plane is built from Go modules, and no `go` is on the PATH. Install Go 1.26 or newer, or set ' +
        'KUBEBUILDER_ASSETS to a directory with etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kwok.',
    );
  }
  const cache = await binaryCache(settings);
  await mkdir(cache, { recursive: true });
  const release = await lock(join(cache, 'build.lock'), say);
  try {
    for (const [index, name] of names.entries()) {
      const target = join(cache, name);
      if (await exists(target)) continue;
      say(`Building ${name} (${index + 1} of ${names.length}; the first takes some minutes)`);
      const begunMs = Date.now();
      await build(name, `${target}.new`);
      await rename(`${target}.new`, target);
      say(`Built ${name} in ${Math.round((Date.now() - begunMs) / 1000)} s`);
    }
  } finally {
    await release();
  }
  return (await findBinaries(settings))!;
}

async function build(name: Program, target: string): Promise<void> {
  const version = ['k8s.io/component-base/version.gitVersion', 'k8s.io/client-go/pkg/version.gitVersion'].map(
    (symbol) => `-X ${symbol}=${pins.kubernetes}`,
  );
  const minor = pins.kubernetes.split('.')[1]!;
  const flags = ['-s', '-w', ...version, '-X k8s.io/component-base/version.gitMajor=1'];
  flags.push(`-X k8s.io/component-base/version.gitMinor=${minor}`);
  const child = spawn(
    'nice',
    ['-n', '19', 'go', 'build', '-trimpath', '-ldflags', flags.join(' '), '-o', target, programs[name]],
    {
      cwd: goModule,
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
  if (code !== 0) throw new Error(`go build of ${name} failed:\n${output}`);
}

/** A lock file that names its holder; one whose holder is gone is taken over. */
async function lock(path: string, say: (line: string) => void): Promise<() => Promise<void>> {
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
