import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildGoProgram, hasGo, lockBuild } from './build-go-program.ts';
import { pins, type Program, programs } from './pins.ts';

const goModule = fileURLToPath(new URL('./go', import.meta.url));
const names = Object.keys(programs) as Program[];
const ldflags = [
  ...['k8s.io/component-base/version.gitVersion', 'k8s.io/client-go/pkg/version.gitVersion'].map(
    (symbol) => `-X ${symbol}=${pins.kubernetes}`,
  ),
  '-X k8s.io/component-base/version.gitMajor=1',
  `-X k8s.io/component-base/version.gitMinor=${pins.kubernetes.split('.')[1]!}`,
];

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
  if (!(await hasGo())) {
    throw new Error(
      'The control plane is built from Go modules, and no `go` is on the PATH. Install Go 1.26 or newer, or set ' +
        'KUBEBUILDER_ASSETS to a directory with etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kwok.',
    );
  }
  const cache = await binaryCache(settings);
  await mkdir(cache, { recursive: true });
  const release = await lockBuild(cache, say);
  try {
    for (const [index, name] of names.entries()) {
      const target = join(cache, name);
      if (await exists(target)) continue;
      say(`Building ${name} (${index + 1} of ${names.length}; the first takes some minutes)`);
      const begunMs = Date.now();
      await buildGoProgram({ module: goModule, program: programs[name], ldflags, target: `${target}.new` });
      await rename(`${target}.new`, target);
      say(`Built ${name} in ${Math.round((Date.now() - begunMs) / 1000)} s`);
    }
  } finally {
    await release();
  }
  return (await findBinaries(settings))!;
}
