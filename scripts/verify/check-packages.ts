import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Package, readPackages } from './packages.ts';

const EXACT = /^\d+\.\d+\.\d+(-[\w.-]+)?$/;

/** What is wrong with the versions that packages ask for: ranges, and one package asked for in two versions. */
export function wrongVersions(packages: readonly Package[]): string[] {
  const problems: string[] = [];
  const firstAsked = new Map<string, { version: string; path: string }>();
  for (const { path, dependencies, devDependencies } of packages) {
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      if (!EXACT.test(version)) problems.push(`${path}: ${name} is not pinned exactly: ${version}`);
      const first = firstAsked.get(name);
      if (first === undefined) firstAsked.set(name, { version, path });
      else if (first.version !== version)
        problems.push(`${path}: ${name} ${version}, but ${first.version} in ${first.path}`);
    }
  }
  return problems;
}

/** Lines of a lock file that name an address: the file must install from whatever registry the machine uses. */
export function addressesIn(lockFile: string): string[] {
  return lockFile
    .split('\n')
    .flatMap((line, index) =>
      /"resolved": "(?!services\/|operators\/|cdk8s"|cluster-cdk"|loadtest")/.test(line)
        ? [`package-lock.json:${index + 1}: ${line.trim()}`]
        : [],
    );
}

/** Versions are exact and agree, and the lock file names no registry. */
export async function checkPackages(root: string): Promise<string> {
  const lockFile = await readFile(join(root, 'package-lock.json'), 'utf8');
  return [...wrongVersions(await readPackages(root)), ...addressesIn(lockFile)].join('\n');
}
