import type { SaleId } from '@onsale/contracts/sale/sale-id';
import type { RedisClient } from '@onsale/platform/redis';
import { finishedKey } from './admission-keys.ts';
import { countDistinct } from './count-distinct.ts';

interface Selling<Request> {
  markSold(request: Request): Promise<void>;
}

/**
 * Makes whoever marks seats as sold count their buyers as finished: they no longer take up room among the admitted. A count
 * that fails fails nothing else.
 */
export function countFinishedBuyers<
  Request extends { readonly saleId: SaleId; readonly userId: string },
  Holds extends Selling<Request>,
>(seatHolds: Holds, redis: RedisClient): Holds {
  return {
    ...seatHolds,
    async markSold(request: Request) {
      await seatHolds.markSold(request);
      await countDistinct(redis, finishedKey(request.saleId), [request.userId]).catch(() => undefined);
    },
  };
}
