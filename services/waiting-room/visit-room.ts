import { ApiError } from '@onsale/platform/http/api-error';
import { setTimeout as delay } from 'node:timers/promises';
import { openRoom } from './open-room.ts';
import { restoreRoom } from './restore-room.ts';
import type { RoomDeps } from './room-deps.ts';
import { prevailing, type RoomState } from './room-state.ts';
import type { SaleRoom } from './sale-room.ts';
import { saveRoom } from './save-room.ts';
import { sealRoom } from './seal-room.ts';

const maxRestores = 4;
/** Whoever restores a room has written it by then, unless it died in between. */
export const restoredWithinMs = 50;

/**
 * Brings this process and the room's record in Redis up to date with each other: reads it, seals it when it is time,
 * restores it where Redis has lost it or fallen back. Saves it to PostgreSQL when that is this process's turn, which is not
 * waited for. Visits at the same time are one.
 */
export function visitRoom(room: SaleRoom, deps: RoomDeps): Promise<void> {
  room.visiting ??= visit(room, deps).finally(() => {
    room.visiting = undefined;
  });
  return room.visiting;
}

async function visit(room: SaleRoom, deps: RoomDeps): Promise<void> {
  let reading = await readRoom(room, deps);
  let replaced = reading.outcome === 'behind' ? reading.found?.generation : undefined;
  if (reading.outcome === 'behind' && !reading.found) {
    replaced = await openRoom(room, deps);
    // Somebody may have written the record before that generation was read: it would be replaced as soon as it is there.
    reading = await readRoom(room, deps);
  }
  for (let attempt = 0; attempt < maxRestores && reading.outcome === 'behind'; attempt++) {
    // One of all who found the room in the same state restores it; the others wait for that one, then try themselves.
    const restored = await restoreRoom(room, reading.found, attempt === 0 ? replaced : undefined, deps);
    if (!restored) await delay(restoredWithinMs);
    reading = await readRoom(room, deps);
  }
  if (reading.outcome === 'behind') {
    throw new ApiError('cache_unavailable', 'The waiting room is being restored; try again');
  }
  // One that hangs behind a dead database is enough.
  if (reading.save && !room.saving) void saveRoom(room, deps);
}

type Reading =
  | { readonly outcome: 'adopted'; readonly save: boolean }
  /** Redis has no record, another server's, or one that is older than what this process has seen of it. */
  | { readonly outcome: 'behind'; readonly found: RoomState | undefined };

async function readRoom(room: SaleRoom, deps: RoomDeps): Promise<Reading> {
  // As of sending: what is learned while the answer travels may be newer than the answer.
  const { top, taken, saved, state: remembered } = room;
  const tick = await deps.store.tick({
    saleId: room.sale.saleId,
    opensAtMs: room.sale.opensAtMs,
    expireAtMs: room.expireAtMs,
    takenSinceLastTick: taken,
    saved,
  });
  if (tick.outcome === 'missing') return { outcome: 'behind', found: undefined };
  if (tick.outcome === 'taken-over') return { outcome: 'behind', found: tick.state };
  const { state, sealDueMs, save } = tick;
  room.taken -= taken;
  if (room.saved === saved) room.saved = undefined;
  if (state.next < top || (remembered && prevailing(state, remembered) !== state)) {
    return { outcome: 'behind', found: state };
  }
  if (sealDueMs !== undefined) {
    return (await sealRoom(room, state, sealDueMs, deps))
      ? await readRoom(room, deps)
      : { outcome: 'behind', found: state };
  }
  room.adopt(state);
  return { outcome: 'adopted', save };
}
