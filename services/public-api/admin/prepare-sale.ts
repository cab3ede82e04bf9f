import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import { currentSale, saleOfRound } from '@onsale/contracts/sale/sale-window';
import type { SeatInventory } from '@onsale/inventory/seat-inventory';
import type { Clock } from '@onsale/platform/clock';
import type { WaitingRoom } from '@onsale/waiting-room/waiting-room';

export interface PrepareSaleDeps {
  readonly room: Pick<WaitingRoom, 'ensureRoom'>;
  readonly inventory: Pick<SeatInventory, 'ensureSale'>;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** Makes waiting room and seats of the current sale ready, and of the round after it; idempotent. */
export async function prepareSale(
  published: PublishedEvent,
  { room, inventory, clock }: PrepareSaleDeps,
): Promise<void> {
  const current = currentSale(published.event, clock.nowMs());
  const sales =
    published.event.sale.kind === 'windows'
      ? [current, saleOfRound(published.event, current.round + 1)]
      : [current];
  await Promise.all(
    sales.flatMap((sale) => [room.ensureRoom(published, sale), inventory.ensureSale(published, sale.saleId)]),
  );
}
