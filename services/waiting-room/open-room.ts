import type { RoomDeps } from './room-deps.ts';
import type { SaleRoom } from './sale-room.ts';

/** Makes the room's row in PostgreSQL where there is none. Returns the generation of its counter, 0 where it has none yet. */
export function openRoom({ published, sale }: SaleRoom, { rows }: Pick<RoomDeps, 'rows'>): Promise<number> {
  return rows.open(published.event.eventId, sale, published.event.sale.kind === 'windows');
}
