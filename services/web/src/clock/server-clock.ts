/** Tells the services' time, whatever this device's own clock says. */
export interface ServerClock {
  /** Epoch milliseconds. */
  nowMs(): number;
  /** One exchange: what the server said, and the local instants around it. */
  observe(serverMs: number, sentAtMs: number, receivedAtMs: number): void;
}

const kept = 8;

/**
 * The server's answer lies somewhere between sending and receiving; the exchange with the shortest way tells most, so the
 * best of the last few decides. `localMs` is monotonic; until something was observed, `fallback` is the time.
 */
export function createServerClock(localMs: () => number, fallback: () => number): ServerClock {
  const samples: { offsetMs: number; tripMs: number }[] = [];
  return {
    nowMs() {
      const best = samples.reduce<(typeof samples)[number] | undefined>(
        (least, sample) => (!least || sample.tripMs < least.tripMs ? sample : least),
        undefined,
      );
      return best ? localMs() + best.offsetMs : fallback();
    },
    observe(serverMs, sentAtMs, receivedAtMs) {
      const tripMs = receivedAtMs - sentAtMs;
      samples.push({ offsetMs: serverMs + tripMs / 2 - receivedAtMs, tripMs });
      if (samples.length > kept) samples.shift();
    },
  };
}
