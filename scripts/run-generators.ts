import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { generators } from './generators.ts';
import { runProgram } from './verify/run-program.ts';

/** Runs every generator; gives what went wrong, or nothing. A script that is not listed is wrong too. */
export async function runGenerators(root: string): Promise<string> {
  const problems: string[] = [];
  const scripts = await readdir(join(root, 'scripts/generate'));
  for (const script of scripts.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))) {
    if (!generators.some((generator) => generator.script === script))
      problems.push(`scripts/generators.ts does not list ${script}`);
  }
  for (const { script } of generators) {
    const printed = await runProgram(root, process.execPath, `scripts/generate/${script}`);
    if (printed !== '') problems.push(`scripts/generate/${script} failed:\n${printed}`);
  }
  return problems.join('\n');
}
