/** A package's entry in package-lock.json, as far as we read and write it. */
export interface LockEntry {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly inBundle?: boolean;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly cpu?: readonly string[];
  readonly os?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** package-lock.json: packages by the folder they are installed in, the root's being ''. */
export interface LockFile {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

/** An optional dependency that the lock file does not hold. */
export interface MissingOptional {
  readonly name: string;
  /** As the package that wants it says it. */
  readonly version: string;
  readonly wantedBy: LockEntry;
}

/** The folder where Node finds a package from another's folder; undefined when there is none. */
export function folderOf(lock: LockFile, name: string, from: string): string | undefined {
  for (let place = from; ; ) {
    const folder = `${place === '' ? '' : `${place}/`}node_modules/${name}`;
    if (folder in lock.packages) return folder;
    if (place === '') return undefined;
    place = place.slice(0, Math.max(0, place.lastIndexOf('/node_modules/')));
  }
}

/** Folders that hold another version than the package.json in `from` (a path from the root, '' for it) pins. */
export function strayFolders(lock: LockFile, from: string, pins: Readonly<Record<string, string>>): string[] {
  return Object.entries(pins).flatMap(([name, version]) => {
    const folder = folderOf(lock, name, from);
    if (folder === undefined) return [];
    const { link, version: held } = lock.packages[folder] ?? {};
    return link || held === version ? [] : [folder];
  });
}

/**
 * Optional dependencies that are in no folder where Node would look for them. npm leaves out what its registry lacks
 * (npm/cli#9846) and, where node_modules exists, what another platform needs (npm/cli#4828); then `npm ci` refuses.
 */
export function missingOptionals(lock: LockFile): MissingOptional[] {
  return Object.entries(lock.packages).flatMap(([folder, wantedBy]) =>
    Object.entries(wantedBy.optionalDependencies ?? {})
      .filter(([name]) => folderOf(lock, name, folder) === undefined)
      .map(([name, version]) => ({ name, version, wantedBy })),
  );
}
