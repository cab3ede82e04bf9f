import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildGoProgram, hasGo, lockBuild } from '@onsale/control-plane/build-go-program';

const goModule = fileURLToPath(new URL('./go', import.meta.url));

async function cachedProgram(): Promise<{ folder: string; path: string }> {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const file of ['go.mod', 'go.sum']) hash.update(await readFile(join(goModule, file)));
  const folder = join(homedir(), '.cache', 'onsale', `k6-${hash.digest('hex').slice(0, 16)}`);
  return { folder, path: join(folder, 'k6') };
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** The k6 that this repository pins; undefined where it is not built. */
export async function findK6(): Promise<string | undefined> {
  const { path } = await cachedProgram();
  return (await exists(path)) ? path : undefined;
}

/** Finds the pinned k6, or builds it with Go, once. */
export async function ensureK6(say: (line: string) => void): Promise<string> {
  const { folder, path } = await cachedProgram();
  if (await exists(path)) return path;
  if (!(await hasGo())) {
    throw new Error('k6 is built from its Go module, and no `go` is on the PATH: install Go 1.25 or newer');
  }
  await mkdir(folder, { recursive: true });
  const release = await lockBuild(folder, say);
  try {
    if (await exists(path)) return path;
    say('Building k6 (once; it takes a few minutes)');
    const begunMs = Date.now();
    await buildGoProgram({ module: goModule, program: 'go.k6.io/k6', target: `${path}.new` });
    await rename(`${path}.new`, path);
    say(`Built k6 in ${Math.round((Date.now() - begunMs) / 1000)} s`);
  } finally {
    await release();
  }
  return path;
}
