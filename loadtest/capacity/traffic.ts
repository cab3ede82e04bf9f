/** What a sale asks for, seen from outside. */
export interface Traffic {
  readonly requestsPerSecond: number;
  /** Of them, purchases begun: each is an enter, a hold, an intent, a commit and a status; the rest are reads. */
  readonly purchasesPerSecond: number;
  /** Share of summaries and seat maps CloudFront answers from its cache. */
  readonly edgeHits: number;
  /** Sections of the event; its seats and lock items spread by them. */
  readonly sections: number;
}

/** Requests the services have a measured cost of. */
export type Step = 'room-status' | 'summary' | 'seats' | 'enter' | 'hold' | 'intent' | 'commit' | 'settle';

/** Of a hundred reads, how many are of which kind: who waits polls the room, who chooses polls the map. */
const reads = { 'room-status': 60, summary: 20, seats: 20 } as const;
const requestsOfPurchase = 5;

/** Requests per second that reach the services, by step. `settle` is the worker's and the status answer's part of a purchase. */
export function originRates(traffic: Traffic): Readonly<Record<Step, number>> {
  const { requestsPerSecond, purchasesPerSecond, edgeHits } = traffic;
  const readsPerSecond = requestsPerSecond - requestsOfPurchase * purchasesPerSecond;
  if (readsPerSecond < 0) {
    throw new RangeError(
      `${purchasesPerSecond} purchases a second are ${requestsOfPurchase * purchasesPerSecond} requests: more than ${requestsPerSecond}`,
    );
  }
  const missed = 1 - edgeHits;
  return {
    'room-status': (readsPerSecond * reads['room-status']) / 100,
    summary: (readsPerSecond * reads.summary * missed) / 100,
    seats: (readsPerSecond * reads.seats * missed) / 100,
    enter: purchasesPerSecond,
    hold: purchasesPerSecond,
    intent: purchasesPerSecond,
    commit: purchasesPerSecond,
    settle: purchasesPerSecond,
  };
}
