import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RedisClient } from './redis.ts';
import { ScriptCommand, scriptHead, ScriptKeys } from './script-command.ts';

/** A script on the server, called by its hash. */
export interface LuaScript<Answer = unknown> {
  readonly name: string;
  readonly keyCount: number;
  /** Runs the script; sends its text where the server does not know it (new server, failover). */
  run(
    redis: RedisClient,
    keys: readonly string[] | ScriptKeys,
    args: readonly (string | number)[],
  ): Promise<Answer>;
}

/**
 * Reads a script whose file name ends in its number of keys: `place-hold-3.lua` takes three. Keys of one call share a
 * hash tag, so a cluster serves it too. `before` is put in front of its text.
 */
export function loadLuaScript<Answer = unknown>(file: URL, before = ''): LuaScript<Answer> {
  const source = before + readFileSync(file, 'utf8');
  const match = /([a-z-]+)-([0-9]+)\.lua$/.exec(file.pathname);
  if (!match)
    throw new Error(`${file.pathname}: a script's name ends in its number of keys, as in name-2.lua`);
  const name = match[1]!;
  const keyCount = Number(match[2]);
  const sha = createHash('sha1').update(source).digest('hex');
  // By the number of arguments.
  const heads: string[] = [];
  return {
    name,
    keyCount,
    async run(redis, named, args) {
      const keys = named instanceof ScriptKeys ? named : new ScriptKeys(named);
      const { names } = keys;
      if (names.length !== keyCount) throw new Error(`${name} takes ${keyCount} keys, not ${names.length}`);
      const head = (heads[args.length] ??= scriptHead(sha, keyCount, args.length));
      try {
        return (await redis.sendCommand(new ScriptCommand(head, sha, keys, args))) as Answer;
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
        return (await redis.eval(source, keyCount, ...names, ...args)) as Answer;
      }
    },
  };
}
