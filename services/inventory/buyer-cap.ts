import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import type { SaleId } from '@onsale/contracts/sale/sale-id';
import { saleOfId } from '@onsale/contracts/sale/sale-window';
import { asUnavailable } from '@onsale/platform/engine-errors';
import { loadLuaScript } from '@onsale/platform/lua-script';
import type { RedisClient } from '@onsale/platform/redis';
import type { HoldChange } from './hold-change.ts';
import { sectionOfHoldId } from './hold-id.ts';
import { buyerCapsKey, capBucketOf } from './inventory-keys.ts';
import { keepUntilMs } from './keep-until.ts';

const takeCap = loadLuaScript(new URL('./lua/take-cap-1.lua', import.meta.url));
const settleCap = loadLuaScript(new URL('./lua/settle-cap-1.lua', import.meta.url));

/** What counts towards the most one buyer may have of a sale, by buyer. */
export interface BuyerCap {
  /** Counts seats before they are held. `replicationId`: of the server the count lies on. */
  take(
    request: TakeCap,
    seatCount: number,
  ): Promise<
    | { readonly outcome: 'taken'; readonly expiresAtMs: string; readonly replicationId: string }
    | { readonly outcome: 'limit-reached' | 'turn-lapsed' }
  >;
  /** Gives back what was taken for a hold that was not placed. */
  giveBack(saleId: SaleId, userId: string, holdId: string): Promise<void>;
  /** Brings the owners' counts to what became of their holds. */
  settle(saleId: SaleId, changes: readonly HoldChange[]): Promise<void>;
}

export interface TakeCap {
  readonly published: PublishedEvent;
  readonly saleId: SaleId;
  readonly userId: string;
  readonly holdId: string;
  readonly turnLapsed: boolean;
}

/** Looks up holds whose time in the cap is over, all of one section; frees lapsed ones. */
export type LookUpHolds = (
  published: PublishedEvent,
  saleId: SaleId,
  sectionIndex: number,
  holdIds: readonly string[],
) => Promise<readonly HoldChange[]>;

/** Each round settles all doubtful entries; more rounds are needed only while holds lapse in between. */
const maxRounds = 3;

/** Makes a {@link BuyerCap}. */
export function createBuyerCap(redis: RedisClient, lookUp: LookUpHolds): BuyerCap {
  const run = async (
    script: typeof takeCap,
    saleId: SaleId,
    userId: string,
    args: readonly (string | number)[],
  ) => {
    try {
      return await script.run(redis, [buyerCapsKey(saleId, capBucketOf(userId))], [userId, ...args]);
    } catch (error) {
      throw asUnavailable(error) ?? error;
    }
  };

  const settleBuyer = async (saleId: SaleId, userId: string, changes: readonly HoldChange[]) => {
    await run(
      settleCap,
      saleId,
      userId,
      changes.flatMap((change) => [
        change.holdId,
        change.fence,
        change.state === 'gone' ? 0 : change.seatIndexes.length,
        change.state === 'held' ? change.expiresAtMs : 0,
        change.from ?? '-',
      ]),
    );
  };

  return {
    async take({ published, saleId, userId, holdId, turnLapsed }, seatCount) {
      const { event } = published;
      const sale = saleOfId(event, saleId);
      for (let round = 1; ; round++) {
        const answer = await run(takeCap, saleId, userId, [
          holdId,
          seatCount,
          event.perBuyer,
          event.holdTtlMs,
          turnLapsed ? 1 : 0,
          keepUntilMs(event, sale),
        ]);
        const [outcome, ...rest] = String(answer).split(' ');
        if (outcome === 'taken') return { outcome, expiresAtMs: rest[0]!, replicationId: rest[1]! };
        if (outcome === 'turn-lapsed') return { outcome };
        if (outcome === 'limit-reached' || round === maxRounds) return { outcome: 'limit-reached' };
        const bySection = Map.groupBy(rest, (doubtful) => sectionOfHoldId(doubtful)!);
        for (const [sectionIndex, holdIds] of bySection) {
          await settleBuyer(saleId, userId, await lookUp(published, saleId, sectionIndex, holdIds));
        }
      }
    },
    async giveBack(saleId, userId, holdId) {
      // An entry not yet settled has fence 0.
      await run(settleCap, saleId, userId, [holdId, 1, 0, 0, '-']);
    },
    async settle(saleId, changes) {
      const byOwner = Map.groupBy(changes, (change) => change.owner);
      await Promise.all([...byOwner].map(([owner, own]) => settleBuyer(saleId, owner, own)));
    },
  };
}
