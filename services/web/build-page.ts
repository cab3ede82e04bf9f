// Builds the page into dist/ and the console into console/dist/, unless they were built from just these sources before.
import { createHash } from 'node:crypto';
import { glob, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const here = import.meta.dirname;

const builds = [
  { config: 'vite.config.ts', outDir: 'dist' },
  { config: 'vite.console.config.ts', outDir: 'console/dist' },
];

/** Hex SHA-256 over the names and contents of everything page and console are made of. */
async function hashOfSources(): Promise<string> {
  const paths: string[] = [];
  for await (const path of glob(
    ['*.html', 'package.json', 'vite.*config.ts', 'public/*', 'src/**/*.{ts,tsx,css}'],
    { cwd: here, exclude: (name) => name.endsWith('.test.ts') },
  )) {
    paths.push(path);
  }
  const hash = createHash('sha256');
  for (const path of paths.sort()) hash.update(`${path}\0`).update(await readFile(join(here, path)));
  return hash.digest('hex');
}

const sources = await hashOfSources();
for (const { config, outDir } of builds) {
  const stamp = join(here, outDir, 'built-from.txt');
  const built = await readFile(stamp, 'utf8').catch(() => '');
  if (built === sources) continue;
  const { build } = await import('vite');
  await build({ configFile: join(here, config), logLevel: 'warn' });
  await writeFile(stamp, sources);
}
