import type { RoomDeps } from './room-deps.ts';
import type { RoomState } from './room-state.ts';
import type { SaleRoom } from './sale-room.ts';
import { openingPiece } from './serving.ts';

/** A room sealed later than this is served from then: nobody meters a backlog that never was announced. */
const servedFromOpeningMs = 2000;

/**
 * Seals a room whose sale has opened: first in PostgreSQL, where the first process to ask decides, then in Redis with what
 * PostgreSQL has. Redis may forget a seal nobody has been shown; one that buyers know of is never made again differently.
 * Without PostgreSQL the opening waits. `found`: the record as it is in Redis, `nowMs`: when it was read, by its server.
 * False where PostgreSQL knows of a later counter than the record's.
 */
export async function sealRoom(
  room: SaleRoom,
  found: RoomState,
  nowMs: number,
  { store, rows, logger, metrics }: RoomDeps,
): Promise<boolean> {
  const { saleId } = room.sale;
  const since = nowMs - found.opensAtMs > servedFromOpeningMs ? nowMs : found.opensAtMs;
  const cohort = found.next;
  const sealed = await rows.seal(saleId, {
    ...found,
    version: found.version + 1,
    seal: { cohort, sealedAtMs: nowMs },
    pieces: [openingPiece(since, room.openingRate)],
  });
  if (sealed?.state.generation !== found.generation) return false;
  if (sealed.isFirst) {
    metrics.sealed.inc();
    logger.info({ event: 'room_sealed', saleId, cohort }, 'Cohort sealed');
  }
  await store.seal(saleId, sealed.state);
  return true;
}
