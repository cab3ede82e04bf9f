import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import type { SaleWindow } from '@onsale/contracts/sale/sale-window';
import { SaleRoom, type SaleRoomDeps } from './sale-room.ts';

/** The rooms one process knows, by sale. */
export interface RoomDirectory {
  readonly rooms: Map<string, SaleRoom>;
  /** The sale's room, with the event as it is now; undefined until it has been read once. */
  known(published: PublishedEvent, sale: SaleWindow): SaleRoom | undefined;
  /** The sale's room, read first where it is not known; many callers share one read. */
  ensure(published: PublishedEvent, sale: SaleWindow): Promise<SaleRoom>;
}

export interface RoomDirectoryDeps extends SaleRoomDeps {
  visit(room: SaleRoom): Promise<void>;
}

/** Makes an empty {@link RoomDirectory}. */
export function createRoomDirectory({ visit, ...roomDeps }: RoomDirectoryDeps): RoomDirectory {
  const rooms = new Map<string, SaleRoom>();
  const opening = new Map<string, Promise<SaleRoom>>();

  const known = (published: PublishedEvent, sale: SaleWindow) => {
    const room = rooms.get(sale.saleId);
    if (room) {
      room.published = published;
      room.sale = sale;
    }
    return room;
  };

  const open = async (published: PublishedEvent, sale: SaleWindow) => {
    const room = new SaleRoom(published, sale, roomDeps);
    await visit(room);
    rooms.set(sale.saleId, room);
    return room;
  };

  return {
    rooms,
    known,
    async ensure(published, sale) {
      const room = known(published, sale);
      if (room) return room;
      let running = opening.get(sale.saleId);
      if (!running) {
        running = open(published, sale).finally(() => opening.delete(sale.saleId));
        opening.set(sale.saleId, running);
      }
      return await running;
    },
  };
}
