import { setTimeout as delay } from 'node:timers/promises';

/** The Lease as stored; times are the holder's own and are never compared with ours. */
export interface LeaseRecord {
  readonly holder: string | undefined;
  readonly leaseSeconds: number;
  readonly renewTime: string;
  readonly transitions: number;
  /** Of the object, so that a write loses against any other since the read. */
  readonly resourceVersion: string | undefined;
}

/** Where the Lease lives. `write` answers false when another write came first. */
export interface LeaseStore {
  read(): Promise<LeaseRecord | undefined>;
  write(record: LeaseRecord): Promise<boolean>;
}

export interface LeaseElectionOptions {
  readonly identity: string;
  readonly store: LeaseStore;
  readonly onGained: () => void;
  readonly onLost: () => void;
  readonly onError: (error: unknown) => void;
  readonly leaseMs?: number;
  readonly renewDeadlineMs?: number;
  readonly retryMs?: number;
  readonly monotonicMs?: () => number;
}

/** Leadership by a Lease. */
export interface LeaseElection {
  /**
   * False from the renew deadline on, whether or not anybody else has taken over: a lease does not fence. Once false, it is
   * true again only after onLost and onGained.
   */
  isLeader(): boolean;
  /** Gives the lease back, so that the next leader need not wait for it to expire. */
  stop(): Promise<void>;
}

/**
 * client-go's rules: a lease is expired when its record has not changed for its duration by our own monotonic clock; a
 * renewal counts from the moment it was sent; the leader stops writing at the renew deadline, before others may start.
 */
export function startLeaseElection(options: LeaseElectionOptions): LeaseElection {
  const { identity, store, onGained, onLost, onError } = options;
  const { leaseMs = 15_000, renewDeadlineMs = 10_000, retryMs = 2000 } = options;
  const monotonicMs = options.monotonicMs ?? (() => performance.now());
  const stopping = new AbortController();
  let leading = false;
  let renewedAtMs = Number.NEGATIVE_INFINITY;
  let seen: { fingerprint: string; atMs: number } | undefined;

  const isLeader = () => leading && monotonicMs() - renewedAtMs < renewDeadlineMs;

  function lose(): void {
    if (!leading) return;
    leading = false;
    onLost();
  }

  async function attempt(): Promise<void> {
    const sentAtMs = monotonicMs();
    const record = await store.read();
    const fingerprint = JSON.stringify([record?.holder, record?.renewTime, record?.transitions]);
    if (seen?.fingerprint !== fingerprint) seen = { fingerprint, atMs: monotonicMs() };
    const mine = record?.holder === identity;
    const expired =
      !record?.holder || monotonicMs() - seen.atMs > Math.max(leaseMs, record.leaseSeconds * 1000);
    if (!mine && !expired) return lose();
    const written = await store.write({
      holder: identity,
      leaseSeconds: Math.ceil(leaseMs / 1000),
      renewTime: new Date().toISOString(),
      transitions: (record?.transitions ?? 0) + (mine ? 0 : 1),
      resourceVersion: record?.resourceVersion,
    });
    if (!written || stopping.signal.aborted) return;
    // Work was turned away since the deadline, and would never come again: it has to hear of the loss as well.
    if (leading && !isLeader()) lose();
    renewedAtMs = sentAtMs;
    if (!leading && monotonicMs() - sentAtMs < renewDeadlineMs) {
      leading = true;
      onGained();
    }
  }

  const loop = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await attempt();
      } catch (error) {
        onError(error);
      }
      if (leading && !isLeader()) lose();
      // A little uneven, so that candidates do not run in step.
      await delay(retryMs * (1 + Math.random() * 0.2), undefined, { signal: stopping.signal }).catch(
        () => {},
      );
    }
  })();

  // Between two attempts, one of which may hang, the deadline must be noticed too.
  const watchdog = setInterval(
    () => {
      if (leading && !isLeader()) lose();
    },
    Math.min(500, renewDeadlineMs / 4),
  );
  watchdog.unref();

  return {
    isLeader,
    async stop() {
      const held = isLeader();
      stopping.abort();
      clearInterval(watchdog);
      await loop;
      lose();
      if (!held) return;
      try {
        const record = await store.read();
        if (record?.holder === identity) {
          await store.write({
            ...record,
            holder: undefined,
            leaseSeconds: 1,
            renewTime: new Date().toISOString(),
          });
        }
      } catch (error) {
        onError(error);
      }
    },
  };
}
