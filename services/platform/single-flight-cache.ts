import { Counter, type Registry } from 'prom-client';

/** A small cache in front of a store: many callers of one key share one load. */
export interface SingleFlightCache<Key, Value> {
  /** The value, fresh or loaded; rejects with the load's error when nothing usable is kept. */
  get(key: Key): Promise<Value>;
  /** The value if it is there and fresh; begins no load. */
  peek(key: Key): Value | undefined;
  /** Forgets a key. A load already under way answers its callers and is not kept. */
  delete(key: Key): void;
  /** Entries kept, loads under way included. */
  readonly size: number;
}

export interface SingleFlightCacheOptions<Key, Value> {
  /** The `cache` label of the metric. */
  readonly name: string;
  /** How long a value is fresh, counted from when its load began; a function decides per value. */
  readonly ttlMs: number | ((value: Value, key: Key) => number);
  /** The entry untouched by a load for longest goes first. */
  readonly maxEntries: number;
  readonly load: (key: Key) => Promise<Value>;
  /** How long past its freshness a value still answers when its reload fails. Default 0: the error is passed on. */
  readonly staleOnErrorMs?: number;
  /** Declares `onsale_cache_requests_total{cache,result}` there. */
  readonly registry?: Registry;
  /** Monotonic milliseconds. */
  readonly monotonicMs?: () => number;
}

interface Entry<Value> {
  /** What callers get; replaced when a reload succeeds, never while one runs. */
  kept: Promise<Value> | undefined;
  /** The same, once it is there. */
  value: Value | undefined;
  freshUntilMs: number;
  usableUntilMs: number;
  flight: Promise<Value> | undefined;
}

/** While a store is down a stale value is served this long before the store is asked again. */
const retryAfterFailureMs = 1000;

/** Makes a {@link SingleFlightCache}. Failures are not kept: the next caller loads again. */
export function createSingleFlightCache<Key, Value>(
  options: SingleFlightCacheOptions<Key, Value>,
): SingleFlightCache<Key, Value> {
  const {
    name,
    ttlMs,
    maxEntries,
    load,
    staleOnErrorMs = 0,
    monotonicMs = () => performance.now(),
  } = options;
  const entries = new Map<Key, Entry<Value>>();
  const count = cacheCounters(name, options.registry);

  const startFlight = (key: Key, entry: Entry<Value>): Promise<Value> => {
    const startedMs = monotonicMs();
    const flight = (async () => load(key))().then(
      (value) => {
        entry.flight = undefined;
        entry.kept = Promise.resolve(value);
        entry.value = value;
        // Counted from the start: what was read may have changed since.
        entry.freshUntilMs = startedMs + (typeof ttlMs === 'function' ? ttlMs(value, key) : ttlMs);
        entry.usableUntilMs = entry.freshUntilMs + staleOnErrorMs;
        return value;
      },
      (error: unknown) => {
        entry.flight = undefined;
        const nowMs = monotonicMs();
        if (entry.kept !== undefined && nowMs < entry.usableUntilMs) {
          count.stale();
          entry.freshUntilMs = Math.min(nowMs + retryAfterFailureMs, entry.usableUntilMs);
          return entry.kept;
        }
        if (entries.get(key) === entry) entries.delete(key);
        throw error;
      },
    );
    entry.flight = flight;
    // Re-inserting moves the key to the young end of the map's order.
    entries.delete(key);
    entries.set(key, entry);
    if (entries.size > maxEntries) {
      const [oldest] = entries.keys();
      entries.delete(oldest as Key);
    }
    return flight;
  };

  return {
    get(key) {
      let entry = entries.get(key);
      if (entry !== undefined) {
        if (entry.kept !== undefined && monotonicMs() < entry.freshUntilMs) {
          count.hit();
          return entry.kept;
        }
        if (entry.flight !== undefined) {
          count.shared();
          return entry.flight;
        }
      } else {
        entry = { kept: undefined, value: undefined, freshUntilMs: 0, usableUntilMs: 0, flight: undefined };
      }
      count.miss();
      return startFlight(key, entry);
    },
    peek(key) {
      const entry = entries.get(key);
      if (entry === undefined || monotonicMs() >= entry.freshUntilMs) return undefined;
      count.hit();
      return entry.value;
    },
    delete(key) {
      entries.delete(key);
    },
    get size() {
      return entries.size;
    },
  };
}

const metricName = 'onsale_cache_requests_total';

function cacheCounters(cache: string, registry: Registry | undefined) {
  const none = () => undefined;
  if (registry === undefined) return { hit: none, shared: none, miss: none, stale: none };
  const counter =
    (registry.getSingleMetric(metricName) as Counter<'cache' | 'result'> | undefined) ??
    new Counter({
      name: metricName,
      help: 'Reads of a cache in this process: hit, shared (joined a load under way), miss (began a load), stale (load failed, old value served)',
      labelNames: ['cache', 'result'],
      registers: [registry],
    });
  const child = (result: string) => {
    const labelled = counter.labels(cache, result);
    return () => labelled.inc();
  };
  return { hit: child('hit'), shared: child('shared'), miss: child('miss'), stale: child('stale') };
}
