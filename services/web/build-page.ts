// Builds the page into dist/, unless it was built from just these sources before.
import { createHash } from 'node:crypto';
import { glob, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const here = import.meta.dirname;
const stamp = join(here, 'dist', 'built-from.txt');

/** Hex SHA-256 over the names and contents of everything the page is made of. */
async function hashOfSources(): Promise<string> {
  const paths: string[] = [];
  for await (const path of glob(
    ['index.html', 'package.json', 'vite.config.ts', 'public/*', 'src/**/*.{ts,tsx,css}'],
    { cwd: here, exclude: (name) => name.endsWith('.test.ts') },
  )) {
    paths.push(path);
  }
  const hash = createHash('sha256');
  for (const path of paths.sort()) hash.update(`${path}\0`).update(await readFile(join(here, path)));
  return hash.digest('hex');
}

const sources = await hashOfSources();
const built = await readFile(stamp, 'utf8').catch(() => '');
if (built !== sources) {
  const { build } = await import('vite');
  await build({ configFile: join(here, 'vite.config.ts'), logLevel: 'warn' });
  await writeFile(stamp, sources);
}
