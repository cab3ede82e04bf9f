import { ApiError } from '@onsale/platform/http/api-error';
import type { Logger } from 'pino';
import type { RoomMetrics } from './room-metrics.ts';
import type { RoomRows } from './room-rows.ts';
import type { RoomState } from './room-state.ts';
import type { RoomStore, Tick } from './room-store.ts';
import type { SaleRoom } from './sale-room.ts';

export interface VisitDeps {
  readonly store: RoomStore;
  readonly rows: RoomRows;
  readonly logger: Logger;
  readonly metrics: RoomMetrics;
}

/** The smallest margin above the recorded counter a restored room continues at. */
const leastMargin = 100;

/**
 * Brings this process and the room's record in Redis up to date with each other: reads it, seals it when it is time,
 * restores it where Redis has lost it or fallen back. Saves it to PostgreSQL when that is this process's turn, which is not
 * waited for. Visits at the same time are one.
 */
export function visitRoom(room: SaleRoom, deps: VisitDeps): Promise<void> {
  room.visiting ??= visit(room, deps).finally(() => {
    room.visiting = undefined;
  });
  return room.visiting;
}

async function visit(room: SaleRoom, deps: VisitDeps): Promise<void> {
  let tick = await tickRoom(room, deps);
  if (tick === undefined) {
    await restoreRoom(room, deps);
    tick = await tickRoom(room, deps);
    if (tick === undefined) {
      throw new ApiError('cache_unavailable', 'The waiting room is being restored; try again');
    }
  }
  if (tick.sealedNow) {
    const { cohort } = tick.state.seal!;
    deps.metrics.sealed.inc();
    deps.logger.info({ event: 'room_sealed', saleId: room.sale.saleId, cohort }, 'Cohort sealed');
  }
  // One that hangs behind a dead database is enough.
  if (tick.save && !room.saving) void saveRoom(room, deps);
}

/** Reads the record; undefined when it is missing or older than what this process has seen of it. */
async function tickRoom(
  room: SaleRoom,
  { store }: VisitDeps,
): Promise<Extract<Tick, { outcome: 'read' }> | undefined> {
  // As of sending: what is learned while the answer travels may be newer than the answer.
  const { top, taken, saved } = room;
  const version = room.state?.version ?? 0;
  const tick = await store.tick({
    saleId: room.sale.saleId,
    opensAtMs: room.sale.opensAtMs,
    openingRate: room.wantedRate,
    expireAtMs: room.expireAtMs,
    takenSinceLastTick: taken,
    saved,
  });
  if (tick.outcome === 'missing') return undefined;
  room.taken -= taken;
  if (room.saved === saved) room.saved = undefined;
  if (tick.state.version < version || tick.state.next < top) return undefined;
  room.adopt(tick.state);
  return tick;
}

/**
 * Writes the newest state known to PostgreSQL and to this process into Redis. The counter continues above every index that
 * can have been given out, so that none is given twice: above the recorded one by what may have been leased since, and
 * above the highest this process has heard of by what others may have leased meanwhile.
 */
export async function restoreRoom(
  room: SaleRoom,
  { store, rows, logger, metrics }: VisitDeps,
): Promise<void> {
  const { published, sale, state: remembered, top, growth } = room;
  const { eventId, sale: times } = published.event;
  let recorded: { state: RoomState; margin: number } | undefined;
  try {
    recorded = await rows.open(eventId, sale, times.kind === 'windows');
  } catch (error) {
    if (!remembered) throw error;
    logger.warn(
      { event: 'room_restored_blindly', saleId: sale.saleId, err: error },
      'PostgreSQL is away too',
    );
  }
  const known = [recorded?.state, remembered].filter((state) => state !== undefined);
  const newest = known.reduce((best, state) => (state.version > best.version ? state : best));
  const next = Math.max(
    recorded ? recorded.state.next + recorded.margin : 0,
    top > 0 ? top + Math.max(leastMargin, growth) : 0,
  );
  const written = await store.restore(
    sale.saleId,
    { ...newest, next, entered: Math.max(...known.map((state) => state.entered)) },
    room.expireAtMs,
  );
  if (!written || next === 0) return;
  metrics.restored.inc();
  logger.warn({ event: 'room_restored', saleId: sale.saleId, next }, 'Redis had lost the room; restored');
}

/**
 * Writes the room to PostgreSQL as it is now, after a save under way; a failure is logged, and a later visit of some process
 * tries again.
 */
export function saveRoom(room: SaleRoom, deps: VisitDeps): Promise<void> {
  const saving = (room.saving ?? Promise.resolve())
    .then(() => save(room, deps))
    .finally(() => {
      if (room.saving === saving) room.saving = undefined;
    });
  room.saving = saving;
  return saving;
}

async function save(room: SaleRoom, { rows, store, logger, metrics }: VisitDeps): Promise<void> {
  const { saleId } = room.sale;
  const state = room.state!;
  // The following save is two seconds away, and demand may double until then.
  const margin = state.next === 0 ? 0 : Math.max(leastMargin, 4 * room.growth);
  try {
    const row = await rows.save(saleId, state, margin);
    if (!row) {
      logger.error({ event: 'room_seed_differs', saleId }, 'PostgreSQL has no room with this seed');
      return;
    }
    room.saved = state;
    if (row.seal && row.seal.cohort !== state.seal?.cohort) {
      // Redis lost a seal that had only just been made, and sealed again. The first one that was recorded holds.
      const { cohort } = row.seal;
      logger.error({ event: 'room_seal_corrected', saleId, cohort }, 'The recorded seal holds');
      await store.restore(saleId, { ...state, seal: row.seal, version: state.version + 1 }, room.expireAtMs);
    }
  } catch (error) {
    metrics.saveFailures.inc();
    logger.warn(
      { event: 'room_not_saved', saleId, err: error },
      'The room could not be written to PostgreSQL',
    );
  }
}
