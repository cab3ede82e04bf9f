import { restoreRoom } from './restore-room.ts';
import type { RoomDeps } from './room-deps.ts';
import type { SaleRoom } from './sale-room.ts';

/**
 * Writes the room to PostgreSQL as it is now, after a save under way; a failure is logged, and a later visit of some process
 * tries again.
 */
export function saveRoom(room: SaleRoom, deps: RoomDeps): Promise<void> {
  const saving = (room.saving ?? Promise.resolve())
    .then(() => save(room, deps))
    .finally(() => {
      if (room.saving === saving) room.saving = undefined;
    });
  room.saving = saving;
  return saving;
}

async function save(room: SaleRoom, deps: RoomDeps): Promise<void> {
  const { rows, logger, metrics } = deps;
  const { saleId } = room.sale;
  const state = room.state!;
  try {
    if (await rows.save(saleId, state)) {
      room.saved = state;
      return;
    }
    logger.error({ event: 'room_corrected', saleId }, 'PostgreSQL has an earlier seal or another seed');
    await restoreRoom(room, state, state.generation, deps);
  } catch (error) {
    metrics.saveFailures.inc();
    logger.warn(
      { event: 'room_not_saved', saleId, err: error },
      'The room could not be written to PostgreSQL',
    );
  }
}
