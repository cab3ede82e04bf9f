// Repairs what a program can repair: generated files, lint's own corrections, format.
import { resolve } from 'node:path';
import { runGenerators } from './run-generators.ts';
import { runProgram } from './verify/run-program.ts';

const root = resolve(import.meta.dirname, '..');
const problems = [
  await runGenerators(root),
  await runProgram(root, 'eslint', '--fix', '.'),
  await runProgram(root, 'biome', 'format', '--write', '.'),
].filter((text) => text !== '');
for (const text of problems) console.error(text);
process.exitCode = problems.length > 0 ? 1 : 0;
