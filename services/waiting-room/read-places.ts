import type { SaleId } from '@onsale/contracts/sale/sale-id';
import { asUnavailable } from '@onsale/platform/engine-errors';
import type { RedisClient } from '@onsale/platform/redis';
import { placeKey } from './room-keys.ts';

/** A buyer's place as Redis keeps it. */
export interface KeptPlace {
  readonly userId: string;
  readonly joinIndex: number;
  readonly takenAtMs: number;
}

const batch = 1000;

/**
 * Reads the places of a sale, in order of their join index: those that have not lapsed and are not forgotten yet (a day
 * after closing, ten minutes for practice). It looks through all keys of all masters, some hundred thousand a second, in
 * small steps that keep nobody waiting.
 */
export async function readPlaces(redis: RedisClient, saleId: SaleId): Promise<KeptPlace[]> {
  const [before, after] = placeKey(saleId, '\0').split('\0') as [string, string];
  const pattern = `${before.replaceAll(/[[\]*?\\]/g, '\\$&')}*`;
  const servers = 'nodes' in redis ? redis.nodes('master') : [redis];
  // By buyer: a scan may name a key twice.
  const places = new Map<string, KeptPlace>();
  try {
    for (const server of servers) {
      for await (const keys of server.scanStream({ match: pattern, count: batch })) {
        const values = await Promise.all((keys as string[]).map((key) => server.get(key)));
        for (const [index, key] of (keys as string[]).entries()) {
          const [, joinIndex, takenAtMs] = /^(\d+):(\d+)$/.exec(values[index] ?? '') ?? [];
          const userId = key.slice(before.length, key.length - after.length);
          if (joinIndex === undefined) continue;
          places.set(userId, { userId, joinIndex: Number(joinIndex), takenAtMs: Number(takenAtMs) });
        }
      }
    }
  } catch (error) {
    throw asUnavailable(error) ?? error;
  }
  return [...places.values()].sort((one, other) => one.joinIndex - other.joinIndex);
}
