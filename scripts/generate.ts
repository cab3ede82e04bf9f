// Writes every generated file anew.
import { resolve } from 'node:path';
import { runGenerators } from './run-generators.ts';

const problem = await runGenerators(resolve(import.meta.dirname, '..'));
if (problem !== '') {
  console.error(problem);
  process.exitCode = 1;
}
