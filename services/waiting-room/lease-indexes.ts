import { ApiError } from '@onsale/platform/http/api-error';
import { setTimeout as delay } from 'node:timers/promises';
import { restoreRoom } from './restore-room.ts';
import type { RoomDeps } from './room-deps.ts';
import type { SaleRoom } from './sale-room.ts';
import { restoredWithinMs, visitRoom } from './visit-room.ts';

const maxAttempts = 8;

/**
 * Leases a block of join indexes, sealing, restoring or reserving more first where the counter asks for it. Reserving is a
 * write to PostgreSQL; a rush waits for it once, afterwards more is reserved before it is needed.
 */
export async function leaseIndexes(
  room: SaleRoom,
  count: number,
  deps: RoomDeps,
): Promise<{ first: number; givenBeforeMs: number }> {
  let replaced: number | undefined;
  let asked: number | undefined;
  let further = 0;
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const { top } = room;
    const lease = await deps.store.lease(room.sale.saleId, count);
    if (lease.outcome === 'missing' || lease.outcome === 'seal-due') {
      await visitRoom(room, deps);
    } else if (lease.outcome === 'unreserved') {
      const { first, generation } = lease;
      // In an idle sale the counter goes on with the serving number while PostgreSQL writes, at a high rate or on a slow day
      // further than a stride: then it is reserved as far ahead again as it has gone meanwhile, and once more.
      further = 2 * Math.max(further, first - (asked ?? first));
      asked = first;
      if (await reserve(room, generation, first + count + room.stride(count) + further, deps)) continue;
      if (replaced === generation) await replace(room, deps);
      else await delay(restoredWithinMs);
      replaced = generation;
    } else if (lease.first < top) {
      // No server does this; somebody may have written an old record back by hand.
      await replace(room, deps);
    } else {
      const end = lease.first + count;
      room.noteLease({ first: lease.first, count });
      deps.metrics.leased.inc(count);
      const stride = room.stride(count);
      if (lease.left < stride / 2) reserveAhead(room, lease.generation, end + stride, deps);
      return lease;
    }
  }
  throw new ApiError('cache_unavailable', 'The waiting room is being restored; try again');
}

/** False when the counter of that generation has been replaced. */
async function reserve(
  room: SaleRoom,
  generation: number,
  end: number,
  { store, rows }: RoomDeps,
): Promise<boolean> {
  const reserved = await rows.reserve(room.sale.saleId, generation, end);
  return reserved !== undefined && (await store.reserve(room.sale.saleId, generation, reserved));
}

function reserveAhead(room: SaleRoom, generation: number, end: number, deps: RoomDeps): void {
  // What fails here, the lease that needs it tries again.
  room.reserving ??= reserve(room, generation, end, deps)
    .then(
      () => undefined,
      () => undefined,
    )
    .finally(() => {
      room.reserving = undefined;
    });
}

async function replace(room: SaleRoom, deps: RoomDeps): Promise<void> {
  await visitRoom(room, deps);
  await restoreRoom(room, room.state, undefined, deps);
}
