import { setTimeout as delay } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SaleId } from '@onsale/contracts/sale/sale-id';
import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import type { Clock } from '@onsale/platform/clock';
import { asUnavailable } from '@onsale/platform/engine-errors';
import type { RedisClient } from '@onsale/platform/redis';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { createBackground } from './background.ts';
import { createBuyerCap } from './buyer-cap.ts';
import { createCommitSeats } from './commit-seats.ts';
import { parseHoldChanges } from './hold-change.ts';
import { createInventoryMetrics } from './inventory-metrics.ts';
import type { InventoryParts } from './inventory-parts.ts';
import { createLockBreaker, type BreakerStore } from './lock-breaker.ts';
import { createLockItems } from './lock-items.ts';
import { readLockItems } from './lock-reader.ts';
import { createLockWriter } from './lock-writer.ts';
import { createPlaceHold, settleLapsed } from './place-hold.ts';
import { createRebuild } from './rebuild.ts';
import { readMasters } from './redis-masters.ts';
import { createReleaseHold } from './release-hold.ts';
import { createSaleEpochs } from './sale-epochs.ts';
import { createRunInSection, rebuildingError, saleSection } from './sale-sections.ts';
import type { SeatInventory, TicketedSeat } from './seat-inventory.ts';
import { createSeatReads } from './seat-reads.ts';
import { loadSectionScript } from './section-script.ts';

const lookUpHoldsScript = loadSectionScript('look-up-holds-6.lua');
const reapLapsedScript = loadSectionScript('reap-lapsed-6.lua');

export interface SeatInventoryDeps {
  readonly redis: RedisClient;
  readonly dynamodb: DynamoDBClient;
  /** By createLockTable, or the deployment's stack. */
  readonly lockTable: string;
  readonly clock: Pick<Clock, 'nowMs' | 'doubtMs'>;
  readonly logger: Logger;
  readonly registry: Registry;
  /** All seats of the sale with a live ticket, and no others. Asked when a sale is new and when it is rebuilt. */
  readonly readTickets: (saleId: SaleId) => Promise<readonly TicketedSeat[]>;
  /** Those of these intents whose orders are confirmed, rejected or cancelled. Asked when a sale is rebuilt. */
  readonly readEndedIntents: (intentIds: readonly string[]) => Promise<readonly string[]>;
  /** How old an answer of the reads may be; default 1 s. */
  readonly readTtlMs?: number;
  /** How long a lock item's write may take; default 1.5 s. */
  readonly lockDeadlineMs?: number;
  /**
   * Lets sales go on without lock items while DynamoDB is away, where it is enabled. A rebuild asks the store also where it is
   * not: other processes may have it enabled.
   */
  readonly breaker?: { readonly enabled: boolean; readonly store: BreakerStore };
}

/** Holds freed by one call of the reap script: 200 keep a shard from others for 1.7 ms. */
const reapedPerCall = 200;
/** Bounds one turn of the keeper to 2,000 holds a section. */
const reapCallsPerSection = 10;
/** How long ensureSale waits for the replica that is at it. */
const ensureDeadlineMs = 8000;
const ensureLookMs = 50;

/** Makes the {@link SeatInventory} of a process. */
export function createSeatInventory(deps: SeatInventoryDeps): SeatInventory {
  const { redis, dynamodb, lockTable, clock, logger, registry } = deps;
  const metrics = createInventoryMetrics(registry);
  const background = createBackground(logger);
  const epochs = createSaleEpochs(dynamodb, lockTable);
  const run = createRunInSection(redis, epochs);
  const writer = createLockWriter({
    dynamodb,
    table: lockTable,
    metrics,
    ...(deps.lockDeadlineMs === undefined ? {} : { deadlineMs: deps.lockDeadlineMs }),
  });
  const breaker = createLockBreaker({
    enabled: deps.breaker?.enabled ?? false,
    nowMs: () => clock.nowMs(),
    store: deps.breaker?.store ?? { extend: async () => false },
    metrics,
    logger,
  });
  const cap = createBuyerCap(redis, async (published, saleId, sectionIndex, holdIds) => {
    const target = saleSection(published, saleId, sectionIndex);
    const { answer } = await run(lookUpHoldsScript, target, holdIds);
    return parseHoldChanges(answer[1]);
  });
  const parts: InventoryParts = {
    run,
    cap,
    locks: createLockItems(writer, breaker),
    epochs,
    background,
    metrics,
  };
  const rebuild = createRebuild({
    redis,
    epochs,
    clock,
    breakerStore: deps.breaker?.store,
    readLockItems: ({ saleId, section }) => readLockItems(dynamodb, lockTable, saleId, section),
    readTickets: deps.readTickets,
    readEndedIntents: deps.readEndedIntents,
    metrics,
    logger,
  });

  const isWhole = async (published: PublishedEvent, saleId: SaleId): Promise<boolean> => {
    const targets = published.seatMap.sections.map((_, index) => saleSection(published, saleId, index));
    try {
      const [masters, ...headers] = await Promise.all([
        readMasters(redis),
        ...targets.map(({ keys }) => redis.hmget(keys.header, 'epoch', 'masters')),
      ]);
      const epoch = await epochs.read(saleId);
      return (
        epoch !== undefined &&
        headers.every(
          ([own, publishedOn]) =>
            Number(own) === epoch &&
            typeof publishedOn === 'string' &&
            publishedOn !== '' &&
            // A master more than at publishing is a shard that was added; buyers' caps are moving there.
            masters.split(',').every((master) => publishedOn.includes(master)),
        )
      );
    } catch (error) {
      throw asUnavailable(error) ?? error;
    }
  };

  return {
    placeHold: createPlaceHold(parts),
    releaseHold: createReleaseHold(parts),
    ...createCommitSeats(parts),
    ...createSeatReads(redis, deps.readTtlMs ?? 1000, registry),
    isWhole,
    rebuild,
    async ensureSale(published, saleId) {
      if (published.seatMap.sections.length === 0) return;
      const deadlineAt = performance.now() + ensureDeadlineMs;
      while (!(await isWhole(published, saleId))) {
        if ((await rebuild(published, saleId)).outcome === 'published') return;
        if (performance.now() > deadlineAt) throw rebuildingError();
        await delay(ensureLookMs);
      }
    },
    async reapLapsed(published, saleId) {
      const freed = await Promise.all(
        published.seatMap.sections.map(async (_, index) => {
          const target = saleSection(published, saleId, index);
          let total = 0;
          for (let call = 0; call < reapCallsPerSection; call++) {
            const { answer } = await run(reapLapsedScript, target, [reapedPerCall]);
            const changes = parseHoldChanges(answer[1]);
            settleLapsed(parts, target, changes);
            total += changes.length;
            if (answer[2] === 0) break;
          }
          return total;
        }),
      );
      return freed.reduce((sum, count) => sum + count, 0);
    },
    async drain() {
      await background.drain();
      await writer.drain();
    },
  };
}
