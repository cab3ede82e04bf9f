import { ApiError } from '@onsale/platform/http/api-error';
import type { RoomStore } from './room-store.ts';
import type { SaleRoom } from './sale-room.ts';

export interface LeaseDeps {
  readonly store: Pick<RoomStore, 'lease'>;
  /** Reads the room anew, seals or restores it. */
  visit(room: SaleRoom): Promise<void>;
  /** Writes what is known of the room back to Redis. */
  restore(room: SaleRoom): Promise<void>;
}

const maxAttempts = 4;

/** Leases a block of join indexes, sealing or restoring the room first where the counter asks for it. */
export async function leaseIndexes(
  room: SaleRoom,
  count: number,
  { store, visit, restore }: LeaseDeps,
): Promise<{ first: number; givenBeforeMs: number }> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const { top } = room;
    const lease = await store.lease(room.sale.saleId, count);
    if (lease.outcome !== 'leased') {
      await visit(room);
    } else if (lease.first < top) {
      // The counter went backwards: a replica took over without the last leases. These indexes may be given out already.
      await restore(room);
    } else {
      room.top = Math.max(room.top, lease.first + count);
      return lease;
    }
  }
  throw new ApiError('cache_unavailable', 'The waiting room is being restored; try again');
}
