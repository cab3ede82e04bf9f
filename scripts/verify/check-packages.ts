import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LockFile, missingOptionals, strayFolders } from '../lock/lock-file.ts';
import { type Package, packageFolder, readPackages } from './packages.ts';

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

/** What a lock file leaves out: packages of other platforms, and checksums. */
export function gapsIn(lock: LockFile): string[] {
  return [
    ...missingOptionals(lock).map(({ name }) => `package-lock.json: ${name} is missing: npm ci would refuse`),
    ...Object.entries(lock.packages)
      .filter(([folder, { integrity, link, inBundle, optional }]) => {
        const needsNone = link || inBundle || optional || !folder.includes('node_modules/');
        return !needsNone && integrity === undefined;
      })
      .map(([folder]) => `package-lock.json: ${folder} has no checksum`),
  ];
}

/** Folders of a lock file with another version than the package.json that reaches them pins; npm does not mind those. */
export function straysIn(lock: LockFile, packages: readonly Package[]): string[] {
  return packages.flatMap(({ path, dependencies, devDependencies }) =>
    strayFolders(lock, packageFolder(path), { ...dependencies, ...devDependencies }).map(
      (stray) => `package-lock.json: ${stray} is not the version in ${path}`,
    ),
  );
}

/** Versions are exact and agree; the lock file holds them, serves every platform and names no registry. */
export async function checkPackages(root: string): Promise<string> {
  const lockFile = await readFile(join(root, 'package-lock.json'), 'utf8');
  const lock = JSON.parse(lockFile) as LockFile;
  const packages = await readPackages(root);
  return [
    ...wrongVersions(packages),
    ...addressesIn(lockFile),
    ...gapsIn(lock),
    ...straysIn(lock, packages),
  ].join('\n');
}
