import type { SaleId } from '@onsale/contracts/sale/sale-id';
import { asUnavailable } from '@onsale/platform/engine-errors';
import { loadLuaScript } from '@onsale/platform/lua-script';
import type { RedisClient } from '@onsale/platform/redis';
import { roomKey } from '../room-keys.ts';
import type { RoomAdmission } from '../room-state.ts';
import { countDistinct } from './count-distinct.ts';
import { admissionKey, finishedKey, shownKey } from './admission-keys.ts';
import { noAdmissionMemory, type AdmissionMemory } from './decide-admission.ts';

/** What steering a sale's admission keeps in Redis; errors of a server that is away as ApiError `cache_unavailable`. */
export interface AdmissionStore {
  /** The memory of the last decision, for the one process that steers; undefined for all others. */
  lead(saleId: SaleId, expireAtMs: number): Promise<AdmissionMemory | undefined>;
  /** False when another process steers by now. */
  note(saleId: SaleId, memory: AdmissionMemory, outcome: RoomAdmission): Promise<boolean>;
  noteShown(saleId: SaleId, joinIndexes: Iterable<number>): Promise<void>;
  /** How many have used their turn, and how many have their tickets. */
  count(saleId: SaleId): Promise<{ readonly shown: number; readonly finished: number }>;
}

const script = (name: string) => loadLuaScript(new URL(`../lua/${name}`, import.meta.url));
const leadAdmission = script('lead-admission-1.lua');
const noteAdmission = script('note-admission-2.lua');

/** Whoever steers goes on doing so; another takes over after some seconds without a decision. */
const leadsForMs = 3500;

/** Makes an {@link AdmissionStore} for the process of that name. */
export function createAdmissionStore(redis: RedisClient, processName: string): AdmissionStore {
  const reaching = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw asUnavailable(error) ?? error;
    }
  };
  return {
    async lead(saleId, expireAtMs) {
      const args = [processName, leadsForMs, expireAtMs];
      const [leads, memory] = (await reaching(leadAdmission.run(redis, [admissionKey(saleId)], args))) as [
        number,
        string,
      ];
      if (leads === 0) return undefined;
      const remembered = memory === '' ? {} : (JSON.parse(memory) as Partial<AdmissionMemory>);
      // The version before remembers less.
      return { ...noAdmissionMemory, ...remembered };
    },
    async note(saleId, memory, outcome) {
      const keys = [admissionKey(saleId), roomKey(saleId)];
      const args = [processName, JSON.stringify(memory), JSON.stringify(outcome)];
      return (await reaching(noteAdmission.run(redis, keys, args))) === 1;
    },
    noteShown: (saleId, joinIndexes) =>
      reaching(countDistinct(redis, shownKey(saleId), Array.from(joinIndexes, String))),
    async count(saleId) {
      const [shown, finished] = await reaching(
        Promise.all([redis.pfcount(shownKey(saleId)), redis.pfcount(finishedKey(saleId))]),
      );
      return { shown, finished };
    },
  };
}
