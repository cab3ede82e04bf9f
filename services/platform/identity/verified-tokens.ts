import type { Caller } from './identity.ts';

/** Tokens whose signature has been checked, so that the hot path checks each once. */
export interface VerifiedTokens {
  get(token: string, nowMs: number): Caller | undefined;
  add(token: string, caller: Caller, expiresAtMs: number, nowMs: number): void;
  readonly size: number;
}

/** Even a token that lasts longer is checked again after this long: its key may have been withdrawn. */
const recheckAfterMs = 600_000;

/** Keeps at most `maxTokens`, the latest used; a token's text itself is the key, so nothing but that very token is found. */
export function createVerifiedTokens(maxTokens: number): VerifiedTokens {
  // A map iterates in order of insertion: taken out and put back on use, its first entry is the one longest unused.
  const tokens = new Map<string, { readonly caller: Caller; readonly untilMs: number }>();
  return {
    get size() {
      return tokens.size;
    },
    get(token, nowMs) {
      const entry = tokens.get(token);
      if (!entry) return undefined;
      tokens.delete(token);
      if (nowMs >= entry.untilMs) return undefined;
      tokens.set(token, entry);
      return entry.caller;
    },
    add(token, caller, expiresAtMs, nowMs) {
      tokens.set(token, { caller, untilMs: Math.min(expiresAtMs, nowMs + recheckAfterMs) });
      if (tokens.size <= maxTokens) return;
      const [longestUnused] = tokens.keys();
      tokens.delete(longestUnused as string);
    },
  };
}
