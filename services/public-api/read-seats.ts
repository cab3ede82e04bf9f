import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import type { SaleId } from '@onsale/contracts/sale/sale-id';
import type { SeatInventory } from '@onsale/inventory/seat-inventory';

/** Makes the reader of a sale's free and held seats, at most a second old; undefined for general admission. */
export function createSeatsReader(inventory: Pick<SeatInventory, 'readSummary'>) {
  return async (published: PublishedEvent, saleId: SaleId) => {
    const { sections } = published.event;
    if (sections.length === 0) return undefined;
    const summaries = await Promise.all(
      sections.map((_, index) => inventory.readSummary(published, saleId, index)),
    );
    return {
      free: summaries.reduce((sum, { free }) => sum + free, 0),
      // Blocked seats may become free.
      held: summaries.reduce((sum, { held, blocked }) => sum + held + blocked, 0),
    };
  };
}
