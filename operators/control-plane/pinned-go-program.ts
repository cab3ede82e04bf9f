import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { buildGoProgram, hasGo, lockBuild } from './build-go-program.ts';

export interface PinnedGoProgram {
  readonly name: string;
  /** Folder of the go.mod that pins it. */
  readonly module: string;
  /** The package to build. */
  readonly program: string;
}

async function cached({ name, module }: PinnedGoProgram): Promise<{ folder: string; path: string }> {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const file of ['go.mod', 'go.sum']) hash.update(await readFile(join(module, file)));
  const folder = join(homedir(), '.cache', 'onsale', `${name}-${hash.digest('hex').slice(0, 16)}`);
  return { folder, path: join(folder, name) };
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** The program as the repository pins it; undefined where it is not built. */
export async function findGoProgram(pinned: PinnedGoProgram): Promise<string | undefined> {
  const { path } = await cached(pinned);
  return (await exists(path)) ? path : undefined;
}

/** Finds the program, or builds it with Go, once. */
export async function ensureGoProgram(pinned: PinnedGoProgram, say: (line: string) => void): Promise<string> {
  const { name, module, program } = pinned;
  const { folder, path } = await cached(pinned);
  if (await exists(path)) return path;
  if (!(await hasGo()))
    throw new Error(
      `${name} is built from its Go module, and no \`go\` is on the PATH: install Go 1.26 or newer`,
    );
  await mkdir(folder, { recursive: true });
  const release = await lockBuild(folder, say);
  try {
    if (await exists(path)) return path;
    say(`Building ${name} (once)`);
    const begunMs = Date.now();
    await buildGoProgram({ module, program, target: `${path}.new` });
    await rename(`${path}.new`, path);
    say(`Built ${name} in ${Math.round((Date.now() - begunMs) / 1000)} s`);
  } finally {
    await release();
  }
  return path;
}
