import { randomUUID } from 'node:crypto';
import type { RedisClient } from '@onsale/platform/redis';
import { Counter, type Registry } from 'prom-client';
import type { Logger } from 'pino';

/** Cache-aside in Redis for what the events API reads: JSON documents by name. */
export interface EventCache {
  /**
   * The document of that name: from Redis, else loaded and put there. Concurrent readers of a process share one look-up.
   * While Redis is away every look-up loads.
   */
  read<Document>(name: string, load: () => Promise<Document>): Promise<Document>;
  /** Makes what was cached under these names unusable, everywhere. Never rejects. */
  evict(...names: string[]): Promise<void>;
}

/** The document that holds all events. */
export const allEvents = 'all';

/** The name of one event's document. */
export const oneEvent = (eventNumber: number) => `event-${eventNumber}`;

/** Every change evicts; the TTL only bounds what an eviction that did not reach Redis leaves behind. */
const documentTtlSeconds = 15;
/** Outlives every document written before the eviction, with room for a slow writer. */
const epochTtlSeconds = 60;
/** PostgreSQL would have answered by then: nobody waits longer for a Redis that hangs. */
const redisDeadlineMs = 250;

/**
 * Makes the {@link EventCache}. A document carries the epoch its reader saw before loading, an eviction writes a new
 * epoch, and a document of another epoch counts as absent: so a slow reader that puts back what it read before a change
 * does no harm.
 */
export function createEventCache(deps: {
  readonly redis: RedisClient;
  /** Where the documents come from: two databases that share a Redis both have an event 1. */
  readonly databaseName: string;
  readonly registry: Registry;
  readonly logger: Logger;
}): EventCache {
  const { redis, databaseName, registry, logger } = deps;
  const epochKey = (name: string) => `onsale:cache:{${databaseName}:${name}}:epoch`;
  const documentKey = (name: string) => `onsale:cache:{${databaseName}:${name}}:document`;
  const count = (result: 'hit' | 'miss' | 'shared' | 'away') =>
    requestsOn(registry).inc({ cache: 'events', result });
  const inFlight = new Map<string, Promise<unknown>>();

  const lookUp = async (name: string, load: () => Promise<unknown>) => {
    let epoch: string;
    try {
      const [currentEpoch, stored] = await withinDeadline(redis.mget(epochKey(name), documentKey(name)));
      epoch = currentEpoch ?? '';
      if (stored) {
        const entry = JSON.parse(stored) as { epoch: string; document: unknown };
        if (entry.epoch === epoch) {
          count('hit');
          return entry.document;
        }
      }
    } catch (err) {
      logger.debug({ event: 'event_cache_unavailable', err }, 'Event cache is away; reading the database');
      count('away');
      return await load();
    }
    count('miss');
    const document = await load();
    // Nobody waits for the write, and a lost one costs one more miss.
    redis
      .set(documentKey(name), JSON.stringify({ epoch, document }), 'EX', documentTtlSeconds)
      .catch(() => undefined);
    return document;
  };

  return {
    async read<Document>(name: string, load: () => Promise<Document>): Promise<Document> {
      const joined = inFlight.get(name);
      if (joined) {
        count('shared');
        return (await joined) as Document;
      }
      const flight = lookUp(name, load).finally(() => {
        if (inFlight.get(name) === flight) inFlight.delete(name);
      });
      inFlight.set(name, flight);
      return (await flight) as Document;
    },
    async evict(...names) {
      // A look-up under way may have read what was there before the change: later readers do not join it.
      for (const name of names) inFlight.delete(name);
      const epoch = randomUUID();
      const writes = names.map((name) => redis.set(epochKey(name), epoch, 'EX', epochTtlSeconds));
      await withinDeadline(Promise.all(writes)).catch((err: unknown) => {
        logger.warn({ event: 'event_cache_eviction_failed', err }, 'Cached events may be stale for 15 s');
      });
    },
  };
}

async function withinDeadline<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${redisDeadlineMs} ms`)), redisDeadlineMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

const metricName = 'onsale_cache_requests_total';

/** The metric that all caches of a process share. */
function requestsOn(registry: Registry): Counter<'cache' | 'result'> {
  return (
    (registry.getSingleMetric(metricName) as Counter<'cache' | 'result'> | undefined) ??
    new Counter({
      name: metricName,
      help: 'Reads of a cache, by how they were answered: hit, miss, shared with a read under way, away (cache not reachable)',
      labelNames: ['cache', 'result'],
      registers: [registry],
    })
  );
}
