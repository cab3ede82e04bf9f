import type { RoomDeps } from './room-deps.ts';
import { openRoom } from './open-room.ts';
import { prevailing, type RoomState } from './room-state.ts';
import type { SaleRoom } from './sale-room.ts';

/**
 * Gives the room in Redis a new counter and the state that holds of what Redis, PostgreSQL and this process know. The counter
 * begins above every index that can have been given out, also by a server that has not heard of its end yet: nothing is
 * leased that PostgreSQL has not reserved first, and it reserves nothing for a counter that has been replaced. Without
 * PostgreSQL there is no restoring. `found`: the record as it is in Redis, if any. `replaced`: the generation it is to follow,
 * or undefined for whichever there is. False when somebody else is restoring the room, or has just done it.
 */
export async function restoreRoom(
  room: SaleRoom,
  found: RoomState | undefined,
  replaced: number | undefined,
  { store, rows, logger, metrics }: RoomDeps,
): Promise<boolean> {
  const { state: remembered } = room;
  const { saleId } = room.sale;
  const recorded = await rows.renew(saleId, replaced);
  if (!recorded) {
    // Unless another is restoring it, PostgreSQL has lost the room.
    if (replaced === undefined) await openRoom(room, { rows });
    return false;
  }
  const known = [found, recorded, remembered].filter((state) => state !== undefined);
  const holds = known.reduce(prevailing);
  // Who has read the record as it is now must see that it is another one.
  const version = holds === found ? found.version : Math.max(holds.version, (found?.version ?? -1) + 1);
  const entered = Math.max(...known.map((state) => state.entered));
  const { generation } = recorded;
  const next = Math.max(recorded.next, room.top);
  const written = await store.restore(saleId, {
    state: { ...holds, version, next, generation, entered },
    foundVersion: found?.version,
    expireAtMs: room.expireAtMs,
  });
  if (!written) return false;
  if (next === 0) return true;
  metrics.restored.inc();
  logger.warn({ event: 'room_restored', saleId, next, generation }, 'Redis had lost of the room; restored');
  return true;
}
