import type { SaleId } from '@onsale/contracts/sale/sale-id';
import { asUnavailable } from '@onsale/platform/engine-errors';
import { loadLuaScript, type LuaScript } from '@onsale/platform/lua-script';
import type { RedisClient } from '@onsale/platform/redis';
import type { JoinIndex } from './join-indexes.ts';
import { placeKey, roomKey } from './room-keys.ts';
import type { RoomAdmission, RoomState, SealedRoomState } from './room-state.ts';
import type { ServingPiece } from './serving.ts';

export interface TickRequest {
  readonly saleId: SaleId;
  readonly opensAtMs: number;
  readonly expireAtMs: number;
  readonly takenSinceLastTick: number;
  /** What this process has written to PostgreSQL since its last tick. */
  readonly saved: Pick<RoomState, 'version' | 'entered'> | undefined;
}

export type Tick =
  | { readonly outcome: 'missing' }
  /** Another server wrote the record: this one has taken over, and may not have the last writes. Nothing was changed. */
  | { readonly outcome: 'taken-over'; readonly state: RoomState }
  | {
      readonly outcome: 'read';
      readonly state: RoomState;
      /** When it was read, if the sale has opened and the room is to be sealed: nothing is leased until then. */
      readonly sealDueMs: number | undefined;
      /** This process is to write the state to PostgreSQL. */
      readonly save: boolean;
    };

export type Lease =
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'seal-due' }
  /** Not enough indexes from `first` on are reserved. */
  | { readonly outcome: 'unreserved'; readonly first: number; readonly generation: number }
  | {
      readonly outcome: 'leased';
      readonly first: number;
      readonly generation: number;
      readonly givenBeforeMs: number;
      /** How many more are reserved. */
      readonly left: number;
    };

export interface Restoration {
  /** `next` is one more than the highest index ever reserved. */
  readonly state: RoomState;
  /** The version of the record that was found wanting; undefined where there was none. */
  readonly foundVersion: number | undefined;
  readonly expireAtMs: number;
}

export type Taken =
  | { readonly outcome: 'had' | 'taken'; readonly joinIndex: number; readonly takenAtMs: number }
  | { readonly outcome: 'too-late' }
  | { readonly outcome: 'none' };

/** A sale's room in Redis: one method per script, errors of a server that is away as ApiError `cache_unavailable`. */
export interface RoomStore {
  tick(request: TickRequest): Promise<Tick>;
  lease(saleId: SaleId, count: number): Promise<Lease>;
  takePlace(
    saleId: SaleId,
    userId: string,
    joinIndex: JoinIndex | undefined,
    expireAtMs: number,
  ): Promise<Taken>;
  /** True when that was the buyer's place. */
  lapsePlace(saleId: SaleId, userId: string, joinIndex: number): Promise<boolean>;
  /** Tells the counter of that generation that all indexes below `end` are reserved; false when there is another by now. */
  reserve(saleId: SaleId, generation: number, end: number): Promise<boolean>;
  /** Gives the room another counter, and the state unless somebody changed the record since. False where there is a later one. */
  restore(saleId: SaleId, restoration: Restoration): Promise<boolean>;
  /** Tells the room of the seal PostgreSQL has. Nothing changes where it is sealed, or has another counter. */
  seal(saleId: SaleId, sealed: SealedRoomState): Promise<void>;
  /** `state` is what the change was computed from. */
  changeServing(
    saleId: SaleId,
    state: RoomState,
    change: { readonly pieces: readonly ServingPiece[]; readonly rateOverride: number | undefined },
  ): Promise<'changed' | 'conflict' | 'late'>;
  setBeacon(saleId: SaleId, beacon: string): Promise<'set' | 'too-late' | 'missing'>;
}

const script = (name: string) => loadLuaScript(new URL(`./lua/${name}`, import.meta.url));
const tickRoom = script('tick-room-1.lua');
const leaseJoinIndexes = script('lease-join-indexes-1.lua');
const reserveJoinIndexes = script('reserve-join-indexes-1.lua');
const takePlaceScript = script('take-place-1.lua');
const lapsePlaceScript = script('lapse-place-1.lua');
const restoreRoom = script('restore-room-1.lua');
const changeServingScript = script('change-serving-1.lua');
const sealRoomScript = script('seal-room-1.lua');
const setBeaconScript = script('set-beacon-1.lua');

/** Makes a {@link RoomStore}. */
export function createRoomStore(redis: RedisClient): RoomStore {
  const run = async (lua: LuaScript, key: string, args: readonly (string | number)[]) => {
    try {
      return await lua.run(redis, [key], args);
    } catch (error) {
      throw asUnavailable(error) ?? error;
    }
  };

  return {
    async tick({ saleId, opensAtMs, expireAtMs, takenSinceLastTick, saved }) {
      const args: (string | number)[] = [opensAtMs, expireAtMs, takenSinceLastTick];
      args.push(saved?.version ?? '', saved?.entered ?? '');
      const [nowMs, due, save, ...fields] = (await run(tickRoom, roomKey(saleId), args)) as unknown[];
      if (fields.length === 0) return { outcome: 'missing' };
      const state = readState(fields as string[]);
      if (due === -1) return { outcome: 'taken-over', state };
      return {
        outcome: 'read',
        state,
        sealDueMs: due === 1 ? Number(nowMs) : undefined,
        save: save === 1,
      };
    },
    async lease(saleId, count) {
      const reply = await run(leaseJoinIndexes, roomKey(saleId), [count]);
      const [code, first, generation, sealed, opensAtMs, left] = reply as number[];
      if (code === 0) return { outcome: 'missing' };
      if (code === 1) return { outcome: 'seal-due' };
      const leased = { first: first!, generation: generation! };
      if (code === 3) return { outcome: 'unreserved', ...leased };
      return { outcome: 'leased', ...leased, givenBeforeMs: sealed === 1 ? 0 : opensAtMs!, left: left! };
    },
    async takePlace(saleId, userId, joinIndex, expireAtMs) {
      const offered = joinIndex ? [joinIndex.index, joinIndex.givenBeforeMs] : [-1, 0];
      const reply = await run(takePlaceScript, placeKey(saleId, userId), [...offered, expireAtMs]);
      const [code, index, takenAt] = reply as number[];
      if (code === 2) return { outcome: 'too-late' };
      if (code === 3) return { outcome: 'none' };
      const outcome = code === 0 ? 'had' : 'taken';
      return { outcome, joinIndex: Number(index), takenAtMs: Number(takenAt) };
    },
    async lapsePlace(saleId, userId, joinIndex) {
      return (await run(lapsePlaceScript, placeKey(saleId, userId), [joinIndex])) === 1;
    },
    async reserve(saleId, generation, end) {
      return (await run(reserveJoinIndexes, roomKey(saleId), [generation, end])) === 1;
    },
    async restore(saleId, { state, foundVersion, expireAtMs }) {
      const fields = { cohort: state.seal?.cohort ?? '', ...lastingFields(state), entered: state.entered };
      const args = [state.generation, state.next, foundVersion ?? '', state.version, expireAtMs];
      args.push(...Object.entries(fields).flat());
      return (await run(restoreRoom, roomKey(saleId), args)) === 1;
    },
    async seal(saleId, sealed) {
      const args = [sealed.generation, sealed.version, sealed.seal.cohort];
      await run(sealRoomScript, roomKey(saleId), [...args, ...Object.entries(lastingFields(sealed)).flat()]);
    },
    async changeServing(saleId, state, { pieces, rateOverride }) {
      const { serving, past } = servingFields(pieces);
      const since = pieces === state.pieces ? 0 : (pieces.at(-1)?.since ?? 0);
      const args = [state.version, serving, past, rateOverride ?? '', since];
      const reply = await run(changeServingScript, roomKey(saleId), args);
      return reply === 1 ? 'changed' : reply === 0 ? 'conflict' : 'late';
    },
    async setBeacon(saleId, beacon) {
      const reply = await run(setBeaconScript, roomKey(saleId), [beacon]);
      return reply === 1 ? 'set' : reply === 0 ? 'too-late' : 'missing';
    },
  };
}

/** What PostgreSQL keeps too, but for the cohort and the counters. */
function lastingFields(state: RoomState): Record<string, string | number> {
  return {
    opensAt: state.opensAtMs,
    sealedAt: state.seal?.sealedAtMs ?? '',
    ...servingFields(state.pieces),
    override: state.rateOverride ?? '',
    seed: state.seed,
    beacon: state.beacon ?? '',
  };
}

/** A lease reads the pieces that matter now; the history, which may be long, lies beside them. */
function servingFields(pieces: readonly ServingPiece[]): { serving: string; past: string } {
  return { serving: JSON.stringify(pieces.slice(-2)), past: JSON.stringify(pieces.slice(0, -2)) };
}

function readState(fields: readonly (string | null)[]): RoomState {
  const [version, next, opensAt, cohort, sealedAt, serving, past, override, seed, beacon, entered, ...later] =
    fields as string[] &
      readonly [string, string, string, string, string, string, string, string, string, string, string];
  // Fields an older version does not write.
  const [generation, admission] = later;
  return {
    version: Number(version),
    next: Number(next),
    generation: Number(generation ?? 0),
    opensAtMs: Number(opensAt),
    seal: cohort === '' ? undefined : { cohort: Number(cohort), sealedAtMs: Number(sealedAt) },
    pieces: [...(JSON.parse(past) as ServingPiece[]), ...(JSON.parse(serving) as ServingPiece[])],
    rateOverride: override === '' ? undefined : Number(override),
    seed,
    beacon: beacon === '' ? undefined : beacon,
    entered: Number(entered),
    admission: admission ? (JSON.parse(admission) as RoomAdmission) : undefined,
  };
}
