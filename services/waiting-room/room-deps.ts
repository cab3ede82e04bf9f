import type { Logger } from 'pino';
import type { RoomMetrics } from './room-metrics.ts';
import type { RoomRows } from './room-rows.ts';
import type { RoomStore } from './room-store.ts';

/** What keeping a room up to date takes. */
export interface RoomDeps {
  readonly store: RoomStore;
  readonly rows: RoomRows;
  readonly logger: Logger;
  readonly metrics: RoomMetrics;
}
