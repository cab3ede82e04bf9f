// Every check that is no test.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runPool } from './run-pool.ts';
import { allChecks } from './verify/checks.ts';
import type { Check } from './verify/check.ts';

const JOBS = 2;

const checks = allChecks(resolve(import.meta.dirname, '..'));
const names = checks.map(({ name }) => name);
const { values, positionals } = parseArgs({ allowPositionals: true, options: { help: { type: 'boolean' } } });
const chosen = positionals.length === 0 ? checks : checks.filter(({ name }) => positionals.includes(name));
const unknown = positionals.filter((name) => !names.includes(name));

if (values.help || unknown.length > 0) {
  if (unknown.length > 0) console.error(`no check ${unknown.join(', ')}`);
  console.log(`npm run verify [-- check …]\n\nChecks: ${names.join(', ')}`);
  process.exit(values.help ? 0 : 2);
}

const failed: Check[] = [];
const begin = performance.now();
const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(1).padStart(5)} s`;

await runPool(chosen, JOBS, async (check) => {
  const start = performance.now();
  const found = await check.run().catch((error: unknown) => (error as Error).stack ?? String(error));
  if (found === '') {
    console.log(`ok     ${seconds(start)}  ${check.name}`);
    return;
  }
  failed.push(check);
  console.log(`FAILED ${seconds(start)}  ${check.name}\n\n${found}\n`);
});

console.log(
  `\n${chosen.length - failed.length} of ${chosen.length} checks passed in ${seconds(begin).trim()}`,
);
for (const { name, fix } of failed) console.log(`FAILED  ${name}: ${fix}`);
process.exitCode = failed.length > 0 ? 1 : 0;
