import { existsSync, readFileSync } from 'node:fs';

const folder = new URL('../../context/', import.meta.url);

/**
 * Context a deployment of this profile always has, from context/<profile>.json. Kept in the repository, so that whoever
 * deploys, compares or destroys does it with the same keys: one forgotten on a command line would take away what it made.
 */
export function keptContext(profile: string): Readonly<Record<string, unknown>> {
  const file = new URL(`${profile}.json`, folder);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>) : {};
}
