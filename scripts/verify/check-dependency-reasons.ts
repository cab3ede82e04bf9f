import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Package, readPackages } from './packages.ts';

const DOCUMENT = 'docs/dependencies.md';

/** Where the document and the packages differ: a runtime dependency without its line, a line without its dependency. */
export function reasonsAmiss(document: string, packages: readonly Package[]): string[] {
  const own = new Set(packages.map(({ name }) => name));
  const used = new Set(packages.flatMap(({ dependencies }) => Object.keys(dependencies)));
  const described = Array.from(document.matchAll(/^\| `([^`]+)` \|(.*)\|$/gm), ([, name, reason]) => ({
    name: name ?? '',
    reason: reason?.trim() ?? '',
  }));
  const names = described.map(({ name }) => name);
  return [
    ...[...used]
      .filter((name) => !own.has(name) && !names.includes(name))
      .sort()
      .map((name) => `${DOCUMENT} has no line for ${name}`),
    ...names.filter((name) => !used.has(name)).map((name) => `${DOCUMENT}: nothing depends on ${name}`),
    ...names
      .filter((name, index) => names.indexOf(name) !== index)
      .map((name) => `${DOCUMENT}: ${name} twice`),
    ...described
      .filter(({ reason }) => reason === '')
      .map(({ name }) => `${DOCUMENT}: no reason for ${name}`),
  ];
}

/** Every runtime dependency has one line that says why it and not code of our own. */
export async function checkDependencyReasons(root: string): Promise<string> {
  const document = await readFile(join(root, DOCUMENT), 'utf8');
  return reasonsAmiss(document, await readPackages(root)).join('\n');
}
