import type { SaleId } from '@onsale/contracts/sale/sale-id';
import { asUnavailable } from '@onsale/platform/engine-errors';
import type { RedisClient } from '@onsale/platform/redis';
import { placeKey } from './room-keys.ts';

/** Reads a buyer's place in a sale; undefined when there is none, or it lapsed or was forgotten. */
export async function readBuyerPlace(
  redis: RedisClient,
  saleId: SaleId,
  userId: string,
): Promise<{ readonly joinIndex: number; readonly takenAtMs: number } | undefined> {
  const kept = await redis.get(placeKey(saleId, userId)).catch(rethrow);
  const [, joinIndex, takenAtMs] = /^(\d+):(\d+)$/.exec(kept ?? '') ?? [];
  return joinIndex === undefined ? undefined : { joinIndex: Number(joinIndex), takenAtMs: Number(takenAtMs) };
}

/** Forgets a buyer's place: its join index stays used and is nobody's. */
export async function forgetBuyerPlace(redis: RedisClient, saleId: SaleId, userId: string): Promise<void> {
  await redis.del(placeKey(saleId, userId)).catch(rethrow);
}

function rethrow(error: unknown): never {
  throw asUnavailable(error) ?? error;
}
