import type { SaleId } from '@onsale/contracts/sale/sale-id';
import { createBatcher } from '@onsale/platform/batcher';
import type { RedisClient } from '@onsale/platform/redis';
import { finishedKey } from './admission-keys.ts';
import { countDistinct } from './count-distinct.ts';

interface Selling<Request> {
  markSold(request: Request): Promise<void>;
}

/**
 * Makes whoever marks seats as sold count their buyers as finished: they no longer take up room among the admitted. Those of
 * one turn of the event loop are counted together. A count that fails fails nothing else.
 */
export function countFinishedBuyers<
  Request extends { readonly saleId: SaleId; readonly userId: string },
  Holds extends Selling<Request>,
>(seatHolds: Holds, redis: RedisClient): Holds {
  const finished = createBatcher<Request, void>({
    maxItems: 200,
    lingerMs: 0,
    async flush(requests) {
      const bySale = Map.groupBy(requests, ({ saleId }) => saleId);
      await Promise.all(
        [...bySale].map(([saleId, buyers]) =>
          countDistinct(
            redis,
            finishedKey(saleId),
            buyers.map(({ userId }) => userId),
          ),
        ),
      );
      return requests.map(() => ({ status: 'fulfilled', value: undefined }));
    },
  });
  return {
    ...seatHolds,
    async markSold(request: Request) {
      await seatHolds.markSold(request);
      await finished.add(request).catch(() => undefined);
    },
  };
}
