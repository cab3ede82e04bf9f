/** Counts a call; `calls` in its key's window so far, this one included, and what is left of that window. */
export type CountCall = (key: string) => { readonly calls: number; readonly leftMs: number };

interface Window {
  calls: number;
  readonly endsAtMs: number;
}

/** Keys remembered at most, some 15 MB of them. */
const remembered = 100_000;

/**
 * Counts calls by key, over windows that begin with a key's first call. Keys not seen for long are forgotten by the half: a Map
 * that loses its first entry again and again looks for the next one ever longer.
 */
export function createCallCounter(
  windowMs: number,
  { maxKeys = remembered, nowMs = () => performance.now() } = {},
): CountCall {
  let young = new Map<string, Window>();
  let old = new Map<string, Window>();
  return (key) => {
    const now = nowMs();
    let window = young.get(key);
    if (window === undefined || window.endsAtMs <= now) {
      const known = old.get(key);
      window = known && known.endsAtMs > now ? known : { calls: 0, endsAtMs: now + windowMs };
      if (young.size >= maxKeys / 2) {
        old = young;
        young = new Map();
      }
      young.set(key, window);
    }
    window.calls++;
    return { calls: window.calls, leftMs: window.endsAtMs - now };
  };
}
