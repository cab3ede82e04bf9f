import { readFileSync } from 'node:fs';
import { loadLuaScript, type LuaScript } from '@onsale/platform/lua-script';

/** What every section script tells: an outcome, the changes of holds where there are any, then what its header says. */
export type SectionAnswer = readonly [outcome: string, changes: readonly string[], ...rest: unknown[]];

/** As it is returned: words alone, changes left out, where no hold has changed. One string is read for a third of what five cost. */
type SectionReply = string | SectionAnswer;

/** A script over one section's keys. */
export type SectionScript = LuaScript<SectionReply>;

/** Takes a script's reply apart. */
export function sectionAnswer(reply: SectionReply): SectionAnswer {
  if (typeof reply !== 'string') return reply;
  const [outcome = '', ...rest] = reply.split(' ');
  return [outcome, [], ...rest];
}

const fileOf = (file: string) => new URL(`./lua/${file}`, import.meta.url);
const textOf = (file: string) => readFileSync(fileOf(file), 'utf8');

const shared = `${textOf('section.lua')}\n`;
const sharedParts = `${shared}${textOf('section-parts.lua')}\n`;

/**
 * Reads `lua/<file>`, whose name ends in its number of keys, and puts `lua/section.lua` in front, and `lua/section-parts.lua`
 * where it gathers seats by their holds, for each call makes all functions anew. Redis has no way to include one script in
 * another, and functions (FUNCTION LOAD) would have to be loaded on each master of a cluster.
 */
export function loadSectionScript(file: string): SectionScript {
  const before = textOf(file).includes('gather(') ? sharedParts : shared;
  return loadLuaScript<SectionReply>(fileOf(file), before);
}
