/** Decides what a process takes on and what it refuses. */
export interface ShedPolicy {
  /** Requests taken and not ended. */
  readonly inFlight: number;
  /** Takes a request at this time, in milliseconds that never go back; false refuses it. */
  takes(isNewcomer: boolean, atMs: number): boolean;
  /** Takes it whatever there is to do. */
  take(): void;
  /** A request that was taken has its answer, or its reader has gone. */
  ended(): void;
  /** What one that was just refused is told, whole seconds. */
  retryAfterSeconds(isNewcomer: boolean): number;
}

/** What is let in is to be answered within about this time: with more, refusals come too late as well (ADR 39). */
const patienceSeconds = 0.2;
/** Shorter than a burst takes to fill the smallest limit, longer than most turns of the event loop. */
const paceEveryMs = 100;
/** So fast a pace is forgotten: not a second's worth of requests must wait for a store that stands still. */
const paceHalfLifeMs = 1000;
export const longestRetrySeconds = 10;

/** How often something happened of late. */
interface Pace {
  count: number;
  perSecond: number;
}

/**
 * Makes the {@link ShedPolicy} of a process. The limit is `least` requests in flight, or what is served in
 * {@link patienceSeconds} at the pace of late: a thousand are much to a process that waits for its store, and 0.1 s of work
 * to one at full speed. Newcomers are refused at half of it. 0 for no limit.
 */
export function createShedPolicy(least: number): ShedPolicy {
  let inFlight = 0;
  let limit = least || Infinity;
  const served: Pace = { count: 0, perSecond: 0 };
  const refused = { newcomers: { count: 0, perSecond: 0 }, others: { count: 0, perSecond: 0 } };
  let pacedAtMs = Number.NEGATIVE_INFINITY;

  const lookAtPace = (atMs: number) => {
    const elapsedMs = atMs - pacedAtMs;
    if (elapsedMs < paceEveryMs) return;
    pacedAtMs = atMs;
    for (const pace of [served, refused.newcomers, refused.others]) {
      const remembered = pace.perSecond * 0.5 ** (elapsedMs / paceHalfLifeMs);
      pace.perSecond = Math.max(remembered, (1000 * pace.count) / elapsedMs);
      pace.count = 0;
    }
    if (least > 0) limit = Math.max(least, served.perSecond * patienceSeconds);
  };
  const take = () => {
    inFlight++;
  };

  return {
    get inFlight() {
      return inFlight;
    },
    take,
    takes(isNewcomer, atMs) {
      lookAtPace(atMs);
      const isTaken = inFlight < (isNewcomer ? limit / 2 : limit);
      if (isTaken) take();
      else (isNewcomer ? refused.newcomers : refused.others).count++;
      return isTaken;
    },
    ended() {
      inFlight--;
      served.count++;
    },
    retryAfterSeconds(isNewcomer) {
      const { newcomers, others } = refused;
      // Whose turn it is waits for the likes of them alone.
      const before = others.perSecond + (isNewcomer ? newcomers.perSecond : 0);
      // On average when all of them could be served one after the other; apart, or they would come back together.
      const laterSeconds = Math.floor((2 * Math.random() * before) / Math.max(1, served.perSecond));
      return Math.min(longestRetrySeconds, 1 + laterSeconds);
    },
  };
}
