import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RedisClient } from '@onsale/platform/redis';

/** A script over one section's keys, called by its hash. */
export interface SectionScript {
  readonly name: string;
  readonly keyCount: number;
  /** Runs the script; sends its text where the server does not know it (new server, failover). */
  run(
    redis: RedisClient,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<SectionAnswer>;
}

/** What every section script returns: an outcome, the changes of holds where there are any, then what its header says. */
export type SectionAnswer = readonly [outcome: string, changes: readonly string[], ...rest: unknown[]];

const shared = readFileSync(new URL('./lua/section.lua', import.meta.url), 'utf8');

/**
 * Reads `lua/<file>`, whose name ends in its number of keys, and puts `lua/section.lua` in front: Redis has no way to
 * include one script in another, and functions (FUNCTION LOAD) would have to be loaded on each master of a cluster.
 */
export function loadSectionScript(file: string): SectionScript {
  const match = /^([a-z-]+)-([0-9]+)\.lua$/.exec(file);
  if (!match) throw new Error(`${file}: a script's name ends in its number of keys, as in name-2.lua`);
  const name = match[1]!;
  const keyCount = Number(match[2]);
  const source = `${shared}\n${readFileSync(new URL(`./lua/${file}`, import.meta.url), 'utf8')}`;
  const sha = createHash('sha1').update(source).digest('hex');
  return {
    name,
    keyCount,
    async run(redis, keys, args) {
      if (keys.length !== keyCount) throw new Error(`${name} takes ${keyCount} keys, not ${keys.length}`);
      try {
        return (await redis.evalsha(sha, keyCount, ...keys, ...args)) as SectionAnswer;
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
        return (await redis.eval(source, keyCount, ...keys, ...args)) as SectionAnswer;
      }
    },
  };
}
