/**
 * Lets one line of a kind through per interval, with how many were left out since: an engine that is down fails every
 * request, and a line for each would cost more than the requests.
 *
 * The returned function gives undefined for a line to leave out.
 */
export function createLogThrottle(
  intervalMs: number,
  monotonicMs: () => number = () => performance.now(),
): (kind: string) => { readonly leftOut?: number } | undefined {
  const kinds = new Map<string, { writtenMs: number; leftOut: number }>();
  return (kind) => {
    const nowMs = monotonicMs();
    const seen = kinds.get(kind);
    if (seen === undefined) {
      // Kinds are routes times codes; the bound is against a caller who makes them of something unbounded.
      if (kinds.size >= 1000) kinds.clear();
      kinds.set(kind, { writtenMs: nowMs, leftOut: 0 });
      return {};
    }
    if (nowMs - seen.writtenMs < intervalMs) {
      seen.leftOut++;
      return undefined;
    }
    const { leftOut } = seen;
    seen.writtenMs = nowMs;
    seen.leftOut = 0;
    return leftOut === 0 ? {} : { leftOut };
  };
}
