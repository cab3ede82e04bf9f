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

function isHeld(lock: LockFile, name: string, folder: string): boolean {
  for (let place = folder; ; place = place.slice(0, Math.max(0, place.lastIndexOf('/node_modules/')))) {
    if (`${place === '' ? '' : `${place}/`}node_modules/${name}` in lock.packages) return true;
    if (place === '') return false;
  }
}

/**
 * Optional dependencies that are in no folder where Node would look for them. npm leaves out what its registry lacks
 * (npm/cli#9846) and, where node_modules exists, what another platform needs (npm/cli#4828); then `npm ci` refuses.
 */
export function missingOptionals(lock: LockFile): MissingOptional[] {
  return Object.entries(lock.packages).flatMap(([folder, wantedBy]) =>
    Object.entries(wantedBy.optionalDependencies ?? {})
      .filter(([name]) => !isHeld(lock, name, folder))
      .map(([name, version]) => ({ name, version, wantedBy })),
  );
}
