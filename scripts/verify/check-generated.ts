import { glob, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { generators } from '../generators.ts';
import { runGenerators } from '../run-generators.ts';

async function contents(root: string, paths: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const path of paths) {
    for await (const file of glob([path, `${path}/**`], { cwd: root })) {
      const full = join(root, file);
      if ((await stat(full)).isFile()) found.set(file, await readFile(full, 'utf8'));
    }
  }
  return found;
}

/** Runs the generators and names every file that was not as they write it; afterwards it is. */
export async function checkGenerated(root: string): Promise<string> {
  const paths = generators.flatMap(({ writes }) => writes);
  const before = await contents(root, paths);
  const problem = await runGenerators(root);
  if (problem !== '') return problem;
  const after = await contents(root, paths);
  const missing = paths.filter(
    (path) => ![...after.keys()].some((file) => file === path || file.startsWith(`${path}/`)),
  );
  return [
    ...missing.map((path) => `${path}: no generator wrote it`),
    ...[...new Set([...before.keys(), ...after.keys()])]
      .filter((file) => before.get(file) !== after.get(file))
      .map((file) => `${file} was out of date; it is new now: look at it and commit it`),
  ].join('\n');
}
