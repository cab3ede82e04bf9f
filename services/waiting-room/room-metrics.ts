import { Counter, type Registry } from 'prom-client';

/** The waiting room's metrics; labels are bounded and named where they are declared. */
export interface RoomMetrics {
  /** `outcome`: new, again, failed. */
  readonly enters: Counter<'outcome'>;
  readonly leased: Counter;
  readonly sealed: Counter;
  readonly restored: Counter;
  readonly saveFailures: Counter;
}

/** Declares the waiting room's metrics. */
export function createRoomMetrics(registry: Registry): RoomMetrics {
  const registers = [registry];
  return {
    enters: new Counter({
      name: 'onsale_room_enters_total',
      help: 'Enters by outcome: a new place, the place the buyer had, or none',
      labelNames: ['outcome'],
      registers,
    }),
    leased: new Counter({
      name: 'onsale_room_indexes_leased_total',
      help: 'Join indexes leased; those above the new places became holes',
      registers,
    }),
    sealed: new Counter({
      name: 'onsale_room_seals_total',
      help: 'Cohorts sealed by this process',
      registers,
    }),
    restored: new Counter({
      name: 'onsale_room_restores_total',
      help: 'Rooms written back to Redis after it had lost them',
      registers,
    }),
    saveFailures: new Counter({
      name: 'onsale_room_save_failures_total',
      help: 'Room records that could not be written to PostgreSQL',
      registers,
    }),
  };
}
