/** `90s`, `8m`, `1h30m`: the durations a TicketEvent speaks in. */
export const durationPattern = '^([0-9]{1,6}(ms|s|m|h|d))+$';

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a duration that matches {@link durationPattern}. */
export function durationMs(duration: string): number {
  let total = 0;
  for (const [, amount, unit] of duration.matchAll(/([0-9]+)(ms|s|m|h|d)/g)) {
    total += Number(amount) * unitMs[unit!]!;
  }
  return total;
}
