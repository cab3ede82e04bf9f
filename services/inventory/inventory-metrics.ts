import { Counter, Histogram, type Registry } from 'prom-client';

/** What the inventory counts. */
export type InventoryMetrics = ReturnType<typeof createInventoryMetrics>;

/** Declares the inventory's metrics. */
export function createInventoryMetrics(registry: Registry) {
  const registers = [registry];
  return {
    holds: new Counter({
      name: 'onsale_inventory_holds_total',
      help: 'Attempts to hold seats, by outcome; failed: 503',
      labelNames: ['outcome'],
      registers,
    }),
    lapsed: new Counter({
      name: 'onsale_inventory_holds_lapsed_total',
      help: 'Holds freed because their time was over',
      registers,
    }),
    lockWrites: new Counter({
      name: 'onsale_inventory_lock_writes_total',
      help: 'Writes and deletions of lock items, by result; skipped: the breaker was open',
      labelNames: ['result'],
      registers,
    }),
    lockBatchItems: new Histogram({
      name: 'onsale_inventory_lock_batch_items',
      help: 'Items of one BatchWriteItem',
      buckets: [1, 2, 5, 10, 15, 20, 25],
      registers,
    }),
    soldElsewhere: new Counter({
      name: 'onsale_inventory_sold_seats_conflicting_total',
      help: 'Seats of a confirmed order that Redis shows as somebody else’s; PostgreSQL decides',
      registers,
    }),
    rebuilds: new Counter({
      name: 'onsale_inventory_rebuilds_total',
      help: 'Sales published to Redis from lock items and tickets, by result; first: the sale was new',
      labelNames: ['result'],
      registers,
    }),
    rebuildSeconds: new Histogram({
      name: 'onsale_inventory_rebuild_seconds',
      help: 'How long a sale could not be sold while it was rebuilt',
      buckets: [0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30],
      registers,
    }),
  };
}
