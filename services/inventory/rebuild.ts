import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import type { SaleId } from '@onsale/contracts/sale/sale-id';
import { saleOfId } from '@onsale/contracts/sale/sale-window';
import type { Clock } from '@onsale/platform/clock';
import { asUnavailable } from '@onsale/platform/engine-errors';
import { loadLuaScript } from '@onsale/platform/lua-script';
import type { RedisClient } from '@onsale/platform/redis';
import type { Logger } from 'pino';
import { buyerCapsKey, capBucketOf, rebuildLeaseKey } from './inventory-keys.ts';
import type { InventoryMetrics } from './inventory-metrics.ts';
import { keepUntilMs } from './keep-until.ts';
import type { BreakerStore } from './lock-breaker.ts';
import type { LockItem } from './lock-item.ts';
import { publishSection } from './publish-section.ts';
import { planSection, type PlannedHold } from './rebuild-plan.ts';
import { readMasters } from './redis-masters.ts';
import { epochLeaseMs, type SaleEpochs } from './sale-epochs.ts';
import { rebuildingError, saleSection, type SaleSection } from './sale-sections.ts';
import type { RebuildOutcome, TicketedSeat } from './seat-inventory.ts';
import { loadSectionScript } from './section-script.ts';

const freezeSectionScript = loadSectionScript('freeze-section-1.lua');
const restoreCapsScript = loadLuaScript(new URL('./lua/restore-caps-1.lua', import.meta.url));

export interface RebuildParts {
  readonly redis: RedisClient;
  readonly epochs: SaleEpochs;
  readonly clock: Pick<Clock, 'nowMs' | 'doubtMs'>;
  readonly breakerStore: Pick<BreakerStore, 'supersede'> | undefined;
  readonly readLockItems: (target: SaleSection) => Promise<LockItem[]>;
  readonly readEndedIntents: (intentIds: readonly string[]) => Promise<readonly string[]>;
  readonly readTickets: (saleId: SaleId) => Promise<readonly TicketedSeat[]>;
  readonly metrics: InventoryMetrics;
  readonly logger: Logger;
}

/** How long a replica that dies in a rebuild keeps others from it. Two at once do no harm. */
const leaseMs = 1500;
const renewEveryMs = 500;
/** One that takes longer hangs behind a store that does not answer it; another may fare better. */
const renewedForMs = 10_000;
/** Monotonic clocks of two machines do not run at quite the same rate. */
const leaseMarginMs = 50;
/** Buyers restored in one call: a shard is kept from others for a millisecond. */
const buyersPerCall = 500;
/** Processes know the one clock to within 250 ms each. */
const clocksApartMs = 500;

/**
 * Restores a sale's seats in Redis: raises the epoch, waits until nobody acknowledges holds of the one before, reads lock
 * items, then tickets, and publishes. Two replicas at once, or one that dies in it, do no harm: only sections of the higher
 * epoch stand. A sale that is new goes the same way without the wait.
 */
export function createRebuild(parts: RebuildParts) {
  const { redis, epochs, clock, metrics, logger } = parts;

  const highestEpochInRedis = async (targets: readonly SaleSection[]): Promise<number> => {
    const found = await Promise.all(targets.map(({ keys }) => redis.hget(keys.header, 'epoch')));
    return Math.max(0, ...found.map(Number));
  };

  const restoreCaps = async (
    saleId: SaleId,
    holds: readonly PlannedHold[],
    items: readonly LockItem[],
    keepUntil: number,
  ) => {
    const buyers = new Map<string, string>();
    // Whoever had something and has it no more may still have it counted, where Redis did not lose everything.
    for (const { owner } of items) buyers.set(owner, '');
    for (const { owner, holdId, seatIndexes, fence, state, expiresAtMs } of holds) {
      const lapsesAtMs = state === 'held' ? expiresAtMs : 0;
      const entry = `${holdId} ${seatIndexes.length} ${fence} ${lapsesAtMs};`;
      buyers.set(owner, (buyers.get(owner) ?? '') + entry);
    }
    const buckets = Map.groupBy(buyers, ([owner]) => capBucketOf(owner));
    await Promise.all(
      [...buckets].flatMap(([bucket, own]) =>
        Array.from({ length: Math.ceil(own.length / buyersPerCall) }, (_, call) => {
          const chunk = own.slice(call * buyersPerCall, (call + 1) * buyersPerCall);
          return restoreCapsScript.run(redis, [buyerCapsKey(saleId, bucket)], [keepUntil, ...chunk.flat()]);
        }),
      ),
    );
  };

  const readEndedIntents = async (items: readonly LockItem[]): Promise<Set<string>> => {
    const intentIds = items.flatMap(({ state, message }) =>
      state === 'committing' && message ? [message.payload.intentId] : [],
    );
    return new Set(intentIds.length > 0 ? await parts.readEndedIntents(intentIds) : []);
  };

  const run = async (published: PublishedEvent, saleId: SaleId, masters: string): Promise<RebuildOutcome> => {
    const { event, seatMap } = published;
    const targets = seatMap.sections.map((_, index) => saleSection(published, saleId, index));
    const startedAt = performance.now();
    const { epoch, first } = await epochs.raise(saleId, await highestEpochInRedis(targets));
    if (!first) {
      await Promise.all(targets.map(({ keys }) => freezeSectionScript.run(redis, [keys.header], [epoch])));
      await delay(epochLeaseMs + leaseMarginMs);
    }
    const withoutItemsUntilMs = await parts.breakerStore?.supersede(saleId, epoch);
    const items = await Promise.all(targets.map((target) => parts.readLockItems(target)));
    // Before the tickets: an order that is confirmed from here on still claims its seats.
    const endedIntents = await readEndedIntents(items.flat());
    const tickets = await parts.readTickets(saleId);
    const ticketsBySection = Map.groupBy(tickets, ({ seatId }) => seatMap.locate(seatId)?.sectionIndex);

    const nowMs = clock.nowMs();
    // All that was held without lock items has lapsed by then; seats nobody is known to have stay blocked until then.
    const blockedUntil =
      withoutItemsUntilMs === undefined ? 0 : withoutItemsUntilMs + event.holdTtlMs + clocksApartMs;
    const plans = targets.map(({ sectionIndex }) =>
      planSection({
        saleId,
        seatMap,
        sectionIndex,
        epoch,
        // Behind rather than ahead: a hold that lapsed a moment ago is freed by the section's own clock.
        nowMs: nowMs - clock.doubtMs(),
        items: items[sectionIndex]!,
        endedIntents,
        tickets: ticketsBySection.get(sectionIndex) ?? [],
        blockRest: blockedUntil > nowMs,
      }),
    );
    const keepUntil = keepUntilMs(event, saleOfId(event, saleId));
    // Caps before seats: whoever can hold again is counted already.
    await restoreCaps(
      saleId,
      plans.flatMap((plan) => plan.holds),
      items.flat(),
      keepUntil,
    );
    const token = randomBytes(6).toString('hex');
    const outcomes = await Promise.all(
      targets.map((target, index) =>
        publishSection(redis, target, plans[index]!, {
          epoch,
          masters,
          blockedUntilMs: blockedUntil,
          keepUntilMs: keepUntil,
          token,
        }),
      ),
    );
    // Where a server changed once more, sections are still not whole: the next look finds that.
    if (outcomes.includes('moved')) throw rebuildingError();
    metrics.rebuilds.inc({ result: first ? 'first' : 'restored' });
    const sum = (state: 'held' | 'sold' | 'blocked') =>
      plans.reduce((total, plan) => total + plan.counts[state], 0);
    const counts = { held: sum('held'), sold: sum('sold'), blocked: sum('blocked') };
    if (!first) {
      const seconds = (performance.now() - startedAt) / 1000;
      metrics.rebuildSeconds.observe(seconds);
      logger.warn({ event: 'sale_rebuilt', saleId, epoch, seconds, ...counts }, 'Seats restored');
    }
    return { outcome: 'published', epoch, ...counts };
  };

  return async (published: PublishedEvent, saleId: SaleId): Promise<RebuildOutcome> => {
    try {
      // Before the epoch is raised: while a master is away nothing can be published, and what the others hold goes on.
      const masters = await readMasters(redis);
      const lease = rebuildLeaseKey(saleId, masters);
      const token = randomBytes(9).toString('base64url');
      if ((await redis.set(lease, token, 'PX', leaseMs, 'NX')) === null) return { outcome: 'elsewhere' };
      const startedAt = performance.now();
      const renewing = setInterval(() => {
        if (performance.now() - startedAt < renewedForMs) redis.pexpire(lease, leaseMs).catch(() => 0);
      }, renewEveryMs);
      try {
        return await run(published, saleId, masters);
      } finally {
        clearInterval(renewing);
        // A lease that passed on to another replica is that one's: gone a little early it costs a rebuild too many.
        if ((await redis.get(lease).catch(() => null)) === token) await redis.del(lease).catch(() => 0);
      }
    } catch (error) {
      metrics.rebuilds.inc({ result: 'failed' });
      throw asUnavailable(error) ?? error;
    }
  };
}
