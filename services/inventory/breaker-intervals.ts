import type { SaleId } from '@onsale/contracts/sale/sale-id';
import type { RedisClient } from '@onsale/platform/redis';
import { breakerIntervalsKey } from './inventory-keys.ts';
import type { BreakerInterval } from './lock-breaker.ts';

/** Where intervals without lock items are kept beside Redis, which may be lost right after; PostgreSQL in a deployment. */
export interface BreakerIntervalStore {
  record(interval: BreakerInterval): Promise<void>;
  read(saleId: SaleId): Promise<readonly BreakerInterval[]>;
}

/** Records intervals in Redis and, where there is one, in a store that outlives it; reads them from both. */
export function createBreakerIntervals(
  redis: RedisClient,
  keptMs: number,
  store: BreakerIntervalStore | undefined,
): BreakerIntervalStore {
  return {
    async record(interval) {
      const key = breakerIntervalsKey(interval.saleId);
      await store?.record(interval);
      await redis.hset(key, interval.intervalId, JSON.stringify(interval));
      await redis.pexpire(key, keptMs);
    },
    async read(saleId) {
      const [kept, stored] = await Promise.all([
        redis.hvals(breakerIntervalsKey(saleId)),
        store?.read(saleId) ?? [],
      ]);
      return [...stored, ...kept.map((text) => JSON.parse(text) as BreakerInterval)];
    },
  };
}

/** Until when seats nobody is known to hold stay blocked: all that was held in the intervals has lapsed by then. */
export function blockedUntilMs(
  intervals: readonly BreakerInterval[],
  nowMs: number,
  holdTtlMs: number,
): number {
  return Math.max(0, ...intervals.map((interval) => (interval.untilMs ?? nowMs) + holdTtlMs));
}
