import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A package.json of this repository. */
export interface Package {
  /** Its path from the root. */
  readonly path: string;
  readonly name: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** The folder of a package.json by its path from the root; '' for the root, as lock files say. */
export const packageFolder = (path: string): string => path.replace(/\/?package\.json$/, '');

/** The root's package.json and every workspace's, sorted by path. */
export async function readPackages(root: string): Promise<Package[]> {
  const read = async (path: string) =>
    JSON.parse(await readFile(join(root, path), 'utf8')) as Partial<Package> & {
      name: string;
      workspaces?: string[];
    };
  const patterns = (await read('package.json')).workspaces ?? [];
  const paths = await Array.fromAsync(
    glob(
      patterns.map((pattern) => `${pattern}/package.json`),
      { cwd: root },
    ),
  );
  return Promise.all(
    ['package.json', ...paths.sort()].map(async (path) => {
      const { name, dependencies = {}, devDependencies = {} } = await read(path);
      return { path, name, dependencies, devDependencies };
    }),
  );
}
