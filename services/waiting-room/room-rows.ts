import type { SaleId } from '@onsale/contracts/sale/sale-id';
import type { SaleWindow } from '@onsale/contracts/sale/sale-window';
import { asUnavailable } from '@onsale/platform/engine-errors';
import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import type { RoomState } from './room-state.ts';
import type { ServingPiece } from './serving.ts';

/** A room as PostgreSQL remembers it. */
export interface RoomRow {
  /** `next` is the counter when last saved. */
  readonly state: RoomState;
  /** How many more indexes may have been leased since. */
  readonly margin: number;
}

/** The rooms in PostgreSQL; errors of a server that is away as ApiError `unavailable`. */
export interface RoomRows {
  /** The sale's row, made with a fresh seed when there is none yet: the first process to ask decides the seed. */
  open(eventId: string, sale: SaleWindow, practice: boolean): Promise<RoomRow>;
  find(saleId: SaleId): Promise<RoomRow | undefined>;
  /**
   * Writes the state, nothing of it ever backwards. Returns the cohort PostgreSQL has after it, which is the first that was
   * ever written; undefined when there is no row with this seed.
   */
  save(
    saleId: SaleId,
    state: RoomState,
    margin: number,
  ): Promise<{ readonly seal: RoomState['seal'] } | undefined>;
}

interface Row {
  readonly version: number;
  readonly high_water: number;
  readonly high_water_margin: number;
  readonly opens_at: Date;
  readonly cohort: number | null;
  readonly sealed_at: Date | null;
  readonly serving: ServingPiece[];
  readonly rate_override: number | null;
  readonly seed: string;
  readonly beacon: string | null;
  readonly entered: number;
}

const columns = `version, high_water, high_water_margin, opens_at, cohort, sealed_at, serving, rate_override,
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
    return row && toRoomRow(row);
  };

  return {
    find,
    async open(eventId, sale, practice) {
      const { saleId, opensAtMs, closesAtMs } = sale;
      const [made] = await query<Row>(
        `insert into waiting_rooms (sale_id, event_id, opens_at, closes_at, seed) values ($1, $2, $3, $4, $5)
         on conflict (sale_id) do nothing returning ${columns}`,
        [saleId, eventId, new Date(opensAtMs), new Date(closesAtMs), randomBytes(32)],
      );
      if (made && practice) {
        await query(
          `delete from waiting_rooms where event_id = $1 and closes_at < now() - interval '${practiceKept}'`,
          [eventId],
        );
      }
      const row = made ? toRoomRow(made) : await find(saleId);
      if (!row) throw new Error(`the waiting room of ${saleId} vanished while it was being opened`);
      return row;
    },
    async save(saleId, state, margin) {
      const [row] = await query<Pick<Row, 'cohort' | 'sealed_at'>>(
        `update waiting_rooms set
           high_water_margin = case when $3 >= high_water then $4 else high_water_margin end,
           high_water = greatest(high_water, $3),
           entered = greatest(entered, $5),
           cohort = coalesce(cohort, $6),
           sealed_at = coalesce(sealed_at, $7),
           opens_at = case when $2 >= version then $8 else opens_at end,
           serving = case when $2 >= version then $9 else serving end,
           rate_override = case when $2 >= version then $10 else rate_override end,
           beacon = case when $2 >= version then $11 else beacon end,
           version = greatest(version, $2),
           updated_at = now()
         where sale_id = $1 and seed = decode($12, 'hex')
         returning cohort, sealed_at`,
        [
          saleId,
          state.version,
          state.next,
          margin,
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
      return row && { seal: toSeal(row) };
    },
  };
}

function toSeal({ cohort, sealed_at }: Pick<Row, 'cohort' | 'sealed_at'>): RoomState['seal'] {
  return cohort === null || sealed_at === null ? undefined : { cohort, sealedAtMs: sealed_at.getTime() };
}

function toRoomRow(row: Row): RoomRow {
  return {
    state: {
      version: row.version,
      next: row.high_water,
      opensAtMs: row.opens_at.getTime(),
      seal: toSeal(row),
      pieces: row.serving,
      rateOverride: row.rate_override ?? undefined,
      seed: row.seed,
      beacon: row.beacon ?? undefined,
      entered: row.entered,
    },
    margin: row.high_water_margin,
  };
}
