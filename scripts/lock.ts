// Brings package-lock.json up to date with every package.json, for all platforms. Then run npm install.
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type LockFile, missingOptionals, strayFolders } from './lock/lock-file.ts';
import { platformEntry } from './lock/platform-entry.ts';
import { packageFolder, readPackages } from './verify/packages.ts';
import { runProgram } from './verify/run-program.ts';

const root = resolve(import.meta.dirname, '..');
const { values } = parseArgs({ options: { fresh: { type: 'boolean', default: false } } });

const packages = await readPackages(root);

/** The lock file as it is, without what contradicts a package.json: npm would keep it. */
async function withoutStrays(): Promise<LockFile> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as LockFile;
  const strays = packages.flatMap(({ path, dependencies, devDependencies }) =>
    strayFolders(lock, packageFolder(path), { ...dependencies, ...devDependencies }),
  );
  const kept = Object.entries(lock.packages).filter(
    ([folder]) => !strays.some((stray) => folder === stray || folder.startsWith(`${stray}/`)),
  );
  return { ...lock, packages: Object.fromEntries(kept) };
}

// Beside a node_modules npm would leave out the packages of other platforms.
const workshop = await mkdtemp(join(tmpdir(), 'onsale-lock-'));
try {
  for (const path of [...packages.map(({ path }) => path), '.npmrc']) {
    await mkdir(dirname(join(workshop, path)), { recursive: true });
    await copyFile(join(root, path), join(workshop, path));
  }
  if (!values.fresh)
    await writeFile(join(workshop, 'package-lock.json'), JSON.stringify(await withoutStrays()));
  const problem = await runProgram(workshop, 'npm', 'install', '--package-lock-only', '--loglevel=error');
  if (problem !== '') throw new Error(problem);
  const lock = JSON.parse(await readFile(join(workshop, 'package-lock.json'), 'utf8')) as LockFile;
  const locked = { ...lock.packages };
  for (const missing of missingOptionals(lock)) {
    const entry = platformEntry(missing);
    if (entry === undefined)
      throw new Error(`${missing.name}@${missing.version}: the registry does not have it`);
    locked[`node_modules/${missing.name}`] = entry;
    console.log(`added by its name, without a checksum: ${missing.name} ${missing.version}`);
  }
  const sorted = Object.fromEntries(Object.entries(locked).sort(([a], [b]) => (a < b ? -1 : 1)));
  await writeFile(
    join(root, 'package-lock.json'),
    `${JSON.stringify({ ...lock, packages: sorted }, undefined, 2)}\n`,
  );
} finally {
  await rm(workshop, { recursive: true });
}
