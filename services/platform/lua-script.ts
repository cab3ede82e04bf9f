import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RedisClient } from './redis.ts';

/** A script on the server, called by its hash. */
export interface LuaScript {
  readonly name: string;
  /** Runs the script; loads it first where the server does not know it (new server, failover). */
  run(
    redis: RedisClient,
    keys: readonly string[],
    args: readonly (string | number | Buffer)[],
  ): Promise<unknown>;
}

/**
 * Reads a script whose file name ends in its number of keys: `place-hold-3.lua` takes three. Keys of one call share a
 * hash tag, so a cluster serves it too.
 */
export function loadLuaScript(file: URL): LuaScript {
  const source = readFileSync(file, 'utf8');
  const match = /([a-z-]+)-([0-9]+)\.lua$/.exec(file.pathname);
  if (!match)
    throw new Error(`${file.pathname}: a script's name ends in its number of keys, as in name-2.lua`);
  const name = match[1]!;
  const keyCount = Number(match[2]);
  const sha = createHash('sha1').update(source).digest('hex');
  return {
    name,
    async run(redis, keys, args) {
      if (keys.length !== keyCount) throw new Error(`${name} takes ${keyCount} keys, not ${keys.length}`);
      try {
        return await redis.evalsha(sha, keyCount, ...keys, ...args);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
        return await redis.eval(source, keyCount, ...keys, ...args);
      }
    },
  };
}
