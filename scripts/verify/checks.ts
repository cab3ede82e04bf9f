import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Check } from './check.ts';
import { checkDependencyReasons } from './check-dependency-reasons.ts';
import { checkGenerated } from './check-generated.ts';
import { checkPackages } from './check-packages.ts';
import { runProgram } from './run-program.ts';

const CODE = ['services', 'operators', 'cdk8s', 'cluster-cdk', 'loadtest', 'scripts'];

/** All checks, the longest first. */
export function allChecks(root: string): Check[] {
  const folders = CODE.filter((folder) => existsSync(join(root, folder)));
  const program =
    (command: string, ...args: string[]) =>
    () =>
      runProgram(root, command, ...args);
  return [
    { name: 'lint', fix: 'npx eslint --fix .', run: program('eslint', '.') },
    { name: 'types', fix: 'npx tsc', run: program('tsc') },
    // A browser's globals, not Node's.
    { name: 'types of the page', fix: 'npx tsc -p services/web', run: program('tsc', '-p', 'services/web') },
    { name: 'generated files', fix: 'npm run generate', run: () => checkGenerated(root) },
    {
      name: 'imports between layers',
      fix: 'see .dependency-cruiser.cjs for each rule and its reason',
      run: program('depcruise', '--config', '.dependency-cruiser.cjs', '--output-type', 'err', ...folders),
    },
    { name: 'format', fix: 'npm run fix', run: program('biome', 'format', '--reporter=summary', '.') },
    {
      name: 'dead code',
      fix: 'delete it, or list the dependency',
      run: program('knip', '--no-config-hints'),
    },
    { name: 'pinned versions', fix: 'pin the version; npm run lock', run: () => checkPackages(root) },
    {
      name: 'reasons for dependencies',
      fix: 'edit docs/dependencies.md',
      run: () => checkDependencyReasons(root),
    },
  ];
}
