import { ApiError } from '@onsale/platform/http/api-error';
import { setTimeout as delay } from 'node:timers/promises';
import type { RoomStore } from './room-store.ts';
import type { SaleRoom } from './sale-room.ts';

export interface Place {
  readonly joinIndex: number;
  readonly takenAtMs: number;
  /** False when the buyer had it before. */
  readonly isNew: boolean;
}

export interface TakePlaceDeps {
  readonly store: Pick<RoomStore, 'takePlace'>;
  /** Reads the room anew. */
  visit(room: SaleRoom): Promise<void>;
}

/** Crossing the opening costs one more attempt, losing Redis in between another. */
const maxAttempts = 6;
/** Masters of a cluster have clocks of their own: the buyer's may pass the opening milliseconds before the sale's. */
const sealWaitMs = 2000;

/** Finds the buyer's place or takes the next one. */
export async function takePlace(room: SaleRoom, userId: string, deps: TakePlaceDeps): Promise<Place> {
  let lookOnly = room.indexes.idle;
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const offered = lookOnly ? undefined : await room.indexes.take();
    lookOnly = false;
    // Should this fail, the index may have been taken: it is not given back.
    const taken = await deps.store.takePlace(room.sale.saleId, userId, offered, room.expireAtMs);
    switch (taken.outcome) {
      case 'had':
        if (offered) room.indexes.giveBack(offered);
        return { joinIndex: taken.joinIndex, takenAtMs: taken.takenAtMs, isNew: false };
      case 'taken':
        room.taken++;
        return { joinIndex: taken.joinIndex, takenAtMs: taken.takenAtMs, isNew: true };
      case 'too-late':
        room.indexes.dropEarly();
        await awaitSeal(room, deps);
        break;
      case 'none':
        break;
    }
  }
  throw new ApiError('cache_unavailable', 'No place could be taken just now; try again');
}

async function awaitSeal(room: SaleRoom, { visit }: TakePlaceDeps): Promise<void> {
  const deadline = performance.now() + sealWaitMs;
  while (!room.state?.seal && performance.now() < deadline) {
    await visit(room);
    if (!room.state?.seal) await delay(5);
  }
}
