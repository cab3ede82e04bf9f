import { readFileSync } from 'node:fs';
import { loadLuaScript, type LuaScript } from '@onsale/platform/lua-script';

/** What every section script returns: an outcome, the changes of holds where there are any, then what its header says. */
export type SectionAnswer = readonly [outcome: string, changes: readonly string[], ...rest: unknown[]];

/** A script over one section's keys. */
export type SectionScript = LuaScript<SectionAnswer>;

const shared = readFileSync(new URL('./lua/section.lua', import.meta.url), 'utf8');

/**
 * Reads `lua/<file>`, whose name ends in its number of keys, and puts `lua/section.lua` in front: Redis has no way to
 * include one script in another, and functions (FUNCTION LOAD) would have to be loaded on each master of a cluster.
 */
export function loadSectionScript(file: string): SectionScript {
  return loadLuaScript<SectionAnswer>(new URL(`./lua/${file}`, import.meta.url), `${shared}\n`);
}
