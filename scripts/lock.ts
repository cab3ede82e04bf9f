// Brings package-lock.json up to date with every package.json, for all platforms. Then run npm install.
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type LockFile, missingOptionals } from './lock/lock-file.ts';
import { platformEntry } from './lock/platform-entry.ts';
import { readPackages } from './verify/packages.ts';
import { runProgram } from './verify/run-program.ts';

const root = resolve(import.meta.dirname, '..');
const { values } = parseArgs({ options: { fresh: { type: 'boolean', default: false } } });

// Beside a node_modules npm would leave out the packages of other platforms.
const workshop = await mkdtemp(join(tmpdir(), 'onsale-lock-'));
try {
  const manifests = (await readPackages(root)).map(({ path }) => path);
  for (const path of [...manifests, '.npmrc', ...(values.fresh ? [] : ['package-lock.json'])]) {
    await mkdir(dirname(join(workshop, path)), { recursive: true });
    await copyFile(join(root, path), join(workshop, path));
  }
  const problem = await runProgram(workshop, 'npm', 'install', '--package-lock-only', '--loglevel=error');
  if (problem !== '') throw new Error(problem);
  const lock = JSON.parse(await readFile(join(workshop, 'package-lock.json'), 'utf8')) as LockFile;
  const packages = { ...lock.packages };
  for (const missing of missingOptionals(lock)) {
    const entry = platformEntry(missing);
    if (entry === undefined)
      throw new Error(`${missing.name}@${missing.version}: the registry does not have it`);
    packages[`node_modules/${missing.name}`] = entry;
    console.log(`added by its name, without a checksum: ${missing.name} ${missing.version}`);
  }
  const sorted = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  await writeFile(
    join(root, 'package-lock.json'),
    `${JSON.stringify({ ...lock, packages: sorted }, undefined, 2)}\n`,
  );
} finally {
  await rm(workshop, { recursive: true });
}
