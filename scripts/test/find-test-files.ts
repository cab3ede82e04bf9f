import { glob } from 'node:fs/promises';

/** Paths of all test files below `root`, relative to it, sorted. */
export async function findTestFiles(root: string): Promise<string[]> {
  const paths: string[] = [];
  const exclude = (name: string) => name === 'node_modules' || name.startsWith('.');
  for await (const path of glob('**/*.test.ts', { cwd: root, exclude })) paths.push(path);
  return paths.sort();
}
