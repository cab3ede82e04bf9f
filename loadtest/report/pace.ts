import { latencyFigure, serverErrorFigure } from '../observe/prometheus-figures.ts';
import type { Digest } from './digest.ts';
import type { Observation } from './run-record.ts';

/** How the system answered at an instant. */
export interface Instant {
  readonly atMs: number;
  readonly p95Ms: number;
  /** Of the answers, those that were not as they should be. */
  readonly failedShare: number;
}

/** How the system answered over time. */
export interface Pace {
  /** In order, one every `everyMs`; one without an answer is left out. */
  readonly instants: readonly Instant[];
  readonly everyMs: number;
  readonly source: 'k6' | 'Prometheus';
}

/**
 * By the second from k6's raw output; where pods kept none, from Prometheus: of the slowest service, over its last minute, so
 * that a breach and its end show up to a minute late.
 */
export function paceOf(digest: Digest | undefined, observations: readonly Observation[]): Pace {
  if (digest !== undefined) {
    const instants = digest.seconds.map(({ second, count, failed, p95Ms }) => ({
      atMs: second * 1000,
      p95Ms,
      failedShare: failed / count,
    }));
    return { instants, everyMs: 1000, source: 'k6' };
  }
  const at = new Map<number, { p95Ms: number; failedShare: number }>();
  for (const one of observations) {
    if (one.kind !== 'figure') continue;
    const instant = at.get(one.atMs) ?? { p95Ms: 0, failedShare: 0 };
    if (one.figure === latencyFigure) instant.p95Ms = Math.max(instant.p95Ms, one.value * 1000);
    else if (one.figure === serverErrorFigure) instant.failedShare = one.value;
    else continue;
    at.set(one.atMs, instant);
  }
  const instants = [...at].map(([atMs, one]) => ({ atMs, ...one })).sort((a, b) => a.atMs - b.atMs);
  return { instants, everyMs: 15_000, source: 'Prometheus' };
}

/** The first instant from which everything was so for some seconds, without a gap. */
export function firstStretch(
  { instants, everyMs }: Pace,
  seconds: number,
  isSo: (instant: Instant) => boolean,
): Instant | undefined {
  return instants.find(({ atMs: startMs }, index) => {
    let lastMs = startMs;
    for (const instant of instants.slice(index)) {
      if (instant.atMs >= startMs + seconds * 1000) break;
      // A second without an answer has no figures; a gap is no calm.
      if (!isSo(instant) || instant.atMs - lastMs > 1.5 * everyMs) return false;
      lastMs = instant.atMs;
    }
    return lastMs - startMs >= seconds * 1000 - everyMs;
  });
}
