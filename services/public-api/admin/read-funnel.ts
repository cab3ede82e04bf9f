import type { Funnel } from '@onsale/contracts/http/admin-routes';
import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import type { SaleWindow } from '@onsale/contracts/sale/sale-window';
import type { SeatInventory } from '@onsale/inventory/seat-inventory';
import type { Clock } from '@onsale/platform/clock';
import type { WaitingRoom } from '@onsale/waiting-room/waiting-room';
import type { Pool } from 'pg';

export interface FunnelDeps {
  readonly room: Pick<WaitingRoom, 'countEntered' | 'roomRecord'>;
  readonly inventory: Pick<SeatInventory, 'readSeatMap'>;
  readonly pool: Pool;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/**
 * Counts where the buyers of a sale are: entered, admitted (places the serving number has reached), seats free, held and
 * sold, and orders the worker has still to decide. General admission has its sold stock in place of seats.
 */
export function createFunnelReader({ room, inventory, pool, clock }: FunnelDeps) {
  return async (published: PublishedEvent, sale: SaleWindow): Promise<Funnel> => {
    const [entered, record, seats, orders] = await Promise.all([
      room.countEntered(published, sale),
      room.roomRecord(published, sale),
      published.seatMap.seatCount > 0 ? inventory.readSeatMap(published, sale.saleId) : undefined,
      countOrders(pool, sale.saleId),
    ]);
    const { base, since, rate } = record.serving;
    const serving = Math.floor(base + (rate * (clock.nowMs() - since)) / 1000);
    const sum = (state: 'free' | 'held' | 'sold') =>
      seats?.sections.reduce((total, section) => total + section[state], 0) ?? 0;
    return {
      entered,
      admitted: record.draw.cohort === null ? 0 : Math.max(0, Math.min(entered, serving + 1)),
      free: sum('free'),
      held: sum('held'),
      sold: published.seatMap.seatCount > 0 ? sum('sold') : orders.reserved,
      queue: orders.undecided,
      confirmed: orders.confirmed,
      rejected: orders.rejected,
    };
  };
}

async function countOrders(pool: Pool, saleId: string) {
  const { rows } = await pool.query<{
    undecided: number;
    confirmed: number;
    rejected: number;
    reserved: number;
  }>(
    `select
       count(*) filter (where status in ('WAITING_FOR_HOLD', 'PROCESSING', 'AWAITING_PAYMENT')) as undecided,
       count(*) filter (where status = 'CONFIRMED') as confirmed,
       count(*) filter (where status = 'REJECTED') as rejected,
       coalesce((select sold from stock where sale_id = $1), 0) as reserved
     from orders where sale_id = $1`,
    [saleId],
  );
  return rows[0]!;
}
