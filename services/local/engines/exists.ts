import { lstat } from 'node:fs/promises';

/** Says whether a path names anything: a link that leads nowhere counts. */
export function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
