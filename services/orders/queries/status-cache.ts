import { asUnavailable } from '@onsale/platform/engine-errors';
import type { RedisClient } from '@onsale/platform/redis';
import type { OrderStatusView } from './order-view.ts';

/** Ended orders by commit key, in Redis: buyers go on asking for a while after the answer is known. */
export interface StatusCache {
  /** Undefined when it is not there, or Redis is away. */
  read(idem: string): Promise<OrderStatusView | undefined>;
  /** Only who has the order's row locked writes, or an older answer could overwrite a newer one. */
  write(idems: readonly string[], status: OrderStatusView): Promise<void>;
  /** Rejects with ApiError `cache_unavailable` while Redis is away. */
  forget(idems: readonly string[]): Promise<void>;
}

/** Longer than anybody polls; after that PostgreSQL answers. */
const ttlSeconds = 900;

export function createStatusCache(redis: RedisClient): StatusCache {
  const keyOf = (idem: string) => `{order:${idem}}`;
  return {
    async read(idem) {
      const stored = await redis.get(keyOf(idem)).catch(() => null);
      return stored === null ? undefined : (JSON.parse(stored) as OrderStatusView);
    },
    async write(idems, status) {
      const value = JSON.stringify(status);
      await Promise.all(idems.map((idem) => redis.set(keyOf(idem), value, 'EX', ttlSeconds)));
    },
    async forget(idems) {
      try {
        await Promise.all(idems.map((idem) => redis.del(keyOf(idem))));
      } catch (error) {
        throw asUnavailable(error) ?? error;
      }
    },
  };
}
