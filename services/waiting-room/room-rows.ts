import type { SaleId } from '@onsale/contracts/sale/sale-id';
import type { SaleWindow } from '@onsale/contracts/sale/sale-window';
import { asUnavailable } from '@onsale/platform/engine-errors';
import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import type { RoomState, SealedRoomState } from './room-state.ts';
import type { ServingPiece } from './serving.ts';

/** The rooms in PostgreSQL; errors of a server that is away as ApiError `unavailable`. */
export interface RoomRows {
  /**
   * Makes the sale's row with a fresh seed where there is none yet: the first process to ask decides the seed. Returns the
   * generation of the sale's counter, 0 where it has none yet.
   */
  open(eventId: string, sale: SaleWindow, practice: boolean): Promise<number>;
  /** `next` of a state read here is one more than the highest join index ever reserved. */
  find(saleId: SaleId): Promise<RoomState | undefined>;
  /**
   * Begins another counter for the sale, above every index reserved for the ones before: from now on nothing is reserved for
   * those. Undefined when there is no row, or when its counter is not the `replaced` one, if that is given.
   */
  renew(saleId: SaleId, replaced: number | undefined): Promise<RoomState | undefined>;
  /**
   * Reserves all join indexes below `end` for the counter of that generation. Returns the end of what is reserved now;
   * undefined when the sale has another counter by now.
   */
  reserve(saleId: SaleId, generation: number, end: number): Promise<number | undefined>;
  /**
   * Seals the sale's room as the state is sealed, unless it is already, or has another counter by now. Returns the room as it
   * is sealed, by whomever; undefined where it is not.
   */
  seal(
    saleId: SaleId,
    state: SealedRoomState,
  ): Promise<{ readonly state: SealedRoomState; readonly isFirst: boolean } | undefined>;
  /**
   * Writes the state, but for its counter. False, and nothing is written, when there is no row with this seed, or one with a
   * seal made before the state's: the first holds.
   */
  save(saleId: SaleId, state: RoomState): Promise<boolean>;
}

interface Row {
  readonly version: number;
  readonly reserved: number;
  readonly generation: number;
  readonly opens_at: Date;
  readonly cohort: number | null;
  readonly sealed_at: Date | null;
  readonly serving: ServingPiece[];
  readonly rate_override: number | null;
  readonly seed: string;
  readonly beacon: string | null;
  readonly entered: number;
}

const columns = `version, high_water + high_water_margin as reserved, generation, opens_at, cohort, sealed_at, serving, rate_override,
  encode(seed, 'hex') as seed, beacon, entered`;

/** Practice rounds come every minute; their draws can be checked for this long. */
const practiceKept = '7 days';

/** Makes {@link RoomRows} on the table `waiting_rooms`. */
export function createRoomRows(pool: Pool): RoomRows {
  const query = async <R extends object>(text: string, values: readonly unknown[]) => {
    try {
      return (await pool.query<R>(text, [...values])).rows;
    } catch (error) {
      throw asUnavailable(error) ?? error;
    }
  };
  const find = async (saleId: SaleId) => {
    const [row] = await query<Row>(`select ${columns} from waiting_rooms where sale_id = $1`, [saleId]);
    return row && toRoomState(row);
  };

  return {
    find,
    async open(eventId, sale, practice) {
      const { saleId, opensAtMs, closesAtMs } = sale;
      const made = await query(
        `insert into waiting_rooms (sale_id, event_id, opens_at, closes_at, seed) values ($1, $2, $3, $4, $5)
         on conflict (sale_id) do nothing returning sale_id`,
        [saleId, eventId, new Date(opensAtMs), new Date(closesAtMs), randomBytes(32)],
      );
      if (made.length === 0) return (await find(saleId))?.generation ?? 0;
      if (practice) {
        await query(
          `delete from waiting_rooms where event_id = $1 and closes_at < now() - interval '${practiceKept}'`,
          [eventId],
        );
      }
      return 0;
    },
    async renew(saleId, replaced) {
      const [row] = await query<Row>(
        `update waiting_rooms set generation = generation + 1
         where sale_id = $1 and ($2::bigint is null or generation = $2)
         returning ${columns}`,
        [saleId, replaced ?? null],
      );
      return row && toRoomState(row);
    },
    async reserve(saleId, generation, end) {
      const [row] = await query<Pick<Row, 'reserved'>>(
        `update waiting_rooms set
           high_water = greatest(high_water + high_water_margin, $3), high_water_margin = 0
         where sale_id = $1 and generation = $2
         returning high_water as reserved`,
        [saleId, generation, end],
      );
      return row?.reserved;
    },
    async seal(saleId, state) {
      // The seed is the record's: buyers were shown its hash, should PostgreSQL have lost the row since.
      const [row] = await query<Row>(
        `update waiting_rooms set
           cohort = $3, sealed_at = $4, opens_at = $5, serving = $6, rate_override = $7, beacon = $8, seed = decode($9, 'hex'),
           entered = greatest(entered, $10), version = greatest(version, $11), updated_at = now()
         where sale_id = $1 and generation = $2 and cohort is null
         returning ${columns}`,
        [
          saleId,
          state.generation,
          state.seal.cohort,
          new Date(state.seal.sealedAtMs),
          new Date(state.opensAtMs),
          JSON.stringify(state.pieces),
          state.rateOverride ?? null,
          state.beacon ?? null,
          state.seed,
          state.entered,
          state.version,
        ],
      );
      const sealed = row ? toRoomState(row) : await find(saleId);
      return sealed && isSealed(sealed) ? { state: sealed, isFirst: row !== undefined } : undefined;
    },
    async save(saleId, state) {
      const saved = await query(
        `update waiting_rooms set
           entered = greatest(entered, $3),
           cohort = coalesce($4, cohort),
           sealed_at = coalesce($5, sealed_at),
           opens_at = case when $2 >= version or sealed_at > $5 then $6 else opens_at end,
           serving = case when $2 >= version or sealed_at > $5 then $7 else serving end,
           rate_override = case when $2 >= version or sealed_at > $5 then $8 else rate_override end,
           beacon = case when $2 >= version or sealed_at > $5 then $9 else beacon end,
           version = greatest(version, $2),
           updated_at = now()
         where sale_id = $1 and seed = decode($10, 'hex') and (sealed_at < $5) is not true
         returning sale_id`,
        [
          saleId,
          state.version,
          state.entered,
          state.seal?.cohort ?? null,
          state.seal ? new Date(state.seal.sealedAtMs) : null,
          new Date(state.opensAtMs),
          JSON.stringify(state.pieces),
          state.rateOverride ?? null,
          state.beacon ?? null,
          state.seed,
        ],
      );
      return saved.length === 1;
    },
  };
}

const isSealed = (state: RoomState): state is SealedRoomState => state.seal !== undefined;

function toRoomState(row: Row): RoomState {
  const { cohort, sealed_at: sealedAt } = row;
  return {
    version: row.version,
    next: row.reserved,
    generation: row.generation,
    opensAtMs: row.opens_at.getTime(),
    seal: cohort === null || sealedAt === null ? undefined : { cohort, sealedAtMs: sealedAt.getTime() },
    pieces: row.serving,
    rateOverride: row.rate_override ?? undefined,
    seed: row.seed,
    beacon: row.beacon ?? undefined,
    entered: row.entered,
    admission: undefined,
  };
}
