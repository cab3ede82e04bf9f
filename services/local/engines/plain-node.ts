import { fileURLToPath } from 'node:url';

/**
 * The command that runs an entry file in Node without NODE_OPTIONS. Leaving the variable out of the child's environment is
 * not enough: tap puts it back on every spawn, which loads its instrumentation into emulators and reaper (start ×3).
 */
export function plainNode(entry: URL, ...args: readonly string[]): { command: string; args: string[] } {
  return {
    command: '/usr/bin/env',
    args: [
      ...['-u', 'NODE_OPTIONS', process.execPath, '--disable-warning=ExperimentalWarning'],
      ...[fileURLToPath(entry), ...args],
    ],
  };
}
