/** What the next poll depends on. */
export interface PollSituation {
  readonly ready: boolean;
  readonly drawn: boolean;
  /** Until the turn; before the draw until the opening. */
  readonly leftMs: number;
  /** Buyers the opening is awaited by. */
  readonly cohort: number;
}

/** Polls right after the opening are spread so that at most this many come in a second. */
const openingPollsPerSecond = 50_000;

/**
 * When to ask room-status again, seconds with one decimal; `random` is from [0, 1). Jittered, so that buyers who came
 * together drift apart. Far from the turn a quarter of the way, at most 30 s and at least 2 s; close to it right after it,
 * by at most a second. Before the draw nothing changes, so the last poll aims behind the opening, spread over two seconds,
 * or longer where that many buyers in two seconds would be a flood.
 */
export function pollAfterSec({ ready, drawn, leftMs, cohort }: PollSituation, random: () => number): number {
  const jitter = random();
  return Math.round(10 * seconds()) / 10;

  function seconds(): number {
    if (ready) return 20 + 10 * jitter;
    const left = leftMs / 1000;
    if (!drawn) {
      if (left > 30) return 15 + 15 * jitter;
      // Open, and this process has not heard of the seal yet: that takes moments.
      return Math.max(left, 1) + Math.max(2, cohort / openingPollsPerSecond) * jitter;
    }
    const part = Math.min(24, Math.max(2.7, left / 4)) * (0.75 + 0.5 * jitter);
    return part < left ? part : Math.max(left, 0.5) + jitter;
  }
}
