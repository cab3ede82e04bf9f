import { setTimeout as delay } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EventDefinition } from '@onsale/contracts/sale/event-definition';
import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import { saleIdOf, type SaleId } from '@onsale/contracts/sale/sale-id';
import { saleOfRound } from '@onsale/contracts/sale/sale-window';
import { SeatMap } from '@onsale/contracts/sale/seat-map';
import type { CommitMessage } from '@onsale/contracts/queue/commit-message';
import type { TestEngines, TestScope } from '@onsale/local/test-engines';
import { RedisClock } from '@onsale/platform/clock';
import { createDynamoDb } from '@onsale/platform/dynamodb';
import { createRedis, redisReady, type RedisClient } from '@onsale/platform/redis';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createSeatInventory, type SeatInventoryDeps } from './create-seat-inventory.ts';
import { createHoldId, holdIdLength } from './hold-id.ts';
import { sectionKeys } from './inventory-keys.ts';
import { createLockTable } from './lock-table.ts';
import type { HoldOutcome, TicketedSeat } from './seat-inventory.ts';

/** An event that is on sale; tests say what matters to them. */
export function eventOnSale(eventId: string, options: Partial<EventDefinition> = {}): PublishedEvent {
  const nowMs = Date.now();
  const event: EventDefinition = {
    eventId,
    title: 'A concert',
    homeRegion: 'local',
    currency: 'KRW',
    startsAtMs: nowMs + 30 * 86_400_000,
    timeZone: 'Asia/Seoul',
    sale: { kind: 'once', opensAtMs: nowMs - 60_000, closesAtMs: nowMs + 3_600_000 },
    sections: [
      { id: 'A', rows: 4, seatsPerRow: 10, priceMinor: 1000 },
      { id: 'B', rows: 4, seatsPerRow: 10, priceMinor: 500 },
      { id: 'C', rows: 2, seatsPerRow: 5, priceMinor: 100 },
    ],
    generalAdmission: undefined,
    perBuyer: 4,
    holdTtlMs: 60_000,
    waitingRoom: { opensBeforeMs: 1000, ratePerSecond: 1000, maxActive: 1000 },
    suspend: false,
    ...options,
  };
  return { event, seatMap: new SeatMap(event.sections), number: 1 };
}

/** A sale of an inventory under test, spoken to in seat names. */
export async function inventoryUnderTest(
  t: TestScope,
  engines: TestEngines,
  redisClient: () => RedisClient,
  options: {
    readonly event?: Partial<EventDefinition>;
    readonly deps?: Partial<SeatInventoryDeps>;
    readonly ensure?: boolean;
    /** Instead of the engine's. */
    readonly dynamodb?: DynamoDBClient;
    /** What the inventory sees of DynamoDB. */
    readonly between?: (dynamodb: DynamoDBClient) => DynamoDBClient;
  } = {},
) {
  const logger = pino({ level: 'silent' });
  const redis = redisClient();
  await redisReady(redis, 5000);
  const clock = new RedisClock(redis);
  await clock.start();
  const dynamodb =
    options.dynamodb ?? createDynamoDb({ region: 'ap-northeast-1', endpoint: engines.dynamodbEndpoint });
  const lockTable = engines.uniqueId('locks');
  if (!options.dynamodb) await createLockTable(dynamodb, lockTable);
  const published = eventOnSale(engines.uniqueId('event'), options.event);
  const saleId: SaleId = saleIdOf(published.event.eventId, 0);
  const sale = saleOfRound(published.event, 0);
  const tickets: TicketedSeat[] = [];
  const endedIntents = new Set<string>();
  const deps: SeatInventoryDeps = {
    redis,
    dynamodb: options.between?.(dynamodb) ?? dynamodb,
    lockTable,
    clock,
    logger,
    registry: new Registry(),
    readTickets: async () => tickets,
    readEndedIntents: async (intentIds) => intentIds.filter((intentId) => endedIntents.has(intentId)),
    readTtlMs: 0,
    ...options.deps,
  };
  const inventory = createSeatInventory(deps);
  t.teardown(async () => {
    await inventory.drain();
    clock.stop();
    redis.disconnect();
    dynamodb.destroy();
  });
  if (options.ensure !== false) await inventory.ensureSale(published, saleId);

  const at = (seatIds: readonly string[]) => seatIds.map((seatId) => published.seatMap.locate(seatId)!);
  const messageOf = (userId: string, seatIds: readonly string[], intentId: string): CommitMessage => ({
    type: 'COMMIT_ORDER',
    payload: { intentId, eventId: published.event.eventId, seatIds: [...seatIds], userId },
    idem: `commit-${intentId}`,
  });
  return {
    inventory,
    published,
    saleId,
    sale,
    redis,
    dynamodb,
    lockTable,
    clock,
    deps,
    tickets,
    endedIntents,
    /** Another replica's inventory on the same stores. */
    replica: (more: Partial<SeatInventoryDeps> = {}) =>
      createSeatInventory({ ...deps, registry: new Registry(), ...more }),
    hold(
      userId: string,
      seats: readonly string[] | { section: string; seatCount: number; wheelchair?: boolean },
      more: { holdId?: string; turnLapsed?: boolean; closesAtMs?: number; inventory?: typeof inventory } = {},
    ): Promise<HoldOutcome> {
      const wanted =
        'seatCount' in seats
          ? {
              sectionIndex: published.seatMap.sectionIndex(seats.section)!,
              seatCount: seats.seatCount,
              wheelchair: seats.wheelchair ?? false,
            }
          : at(seats);
      const sectionIndex = 'seatCount' in wanted ? wanted.sectionIndex : wanted[0]!.sectionIndex;
      return (more.inventory ?? inventory).placeHold({
        published,
        saleId,
        userId,
        holdId: more.holdId ?? createHoldId(sectionIndex),
        seats: wanted,
        turnLapsed: more.turnLapsed ?? false,
        closesAtMs: more.closesAtMs ?? sale.closesAtMs,
      });
    },
    release: async (proof: { userId: string } | { holdId: string }, seatIds?: readonly string[]) =>
      (await inventory.releaseHold({ published, saleId, proof, seats: seatIds && at(seatIds) })).released,
    commit: async (
      userId: string,
      seatIds: readonly string[],
      intentId = `intent-${userId}`,
      by: Pick<typeof inventory, 'beginCommit'> = inventory,
    ) =>
      (
        await by.beginCommit({
          published,
          saleId,
          userId,
          seatIds,
          message: messageOf(userId, seatIds, intentId),
        })
      ).outcome,
    isHolder: (userId: string, seatIds: readonly string[]) =>
      inventory.isHolder({ published, saleId, userId, seatIds }),
    sell: (userId: string, seatIds: readonly string[], orderId: string) =>
      inventory.markSold({ published, saleId, userId, seatIds, orderId }),
    free: (userId: string, seatIds: readonly string[], intentId?: string) =>
      inventory.freeCommitting({ published, saleId, userId, seatIds, intentId }),
    giveBack: (orderId: string, seatIds: readonly string[]) =>
      inventory.returnSold({ published, saleId, orderId, seatIds }),
    /** Letter of each seat, by name. */
    async lettersOf(seatIds: readonly string[]): Promise<string> {
      const map = await inventory.readSeatMap(published, saleId);
      return at(seatIds)
        .map(({ sectionIndex, seatIndex }) => map.sections[sectionIndex]!.seats[seatIndex])
        .join('');
    },
    /** Who has a seat, and how: `state owner` of its hold, undefined when nobody has. */
    async holderOf(seatId: string): Promise<string | undefined> {
      const { sectionIndex, seatIndex } = published.seatMap.locate(seatId)!;
      const [, , holders, holds] = sectionKeys(saleId, sectionIndex, published.seatMap.sections.length).live;
      const from = seatIndex * holdIdLength;
      const holdId = await redis.getrange(holders, from, from + holdIdLength - 1);
      const [state, , , owner, seats] = (await redis.hget(holds, holdId))?.split(' ') ?? [];
      return seats?.split(',').includes(String(seatIndex)) ? `${state} ${owner}` : undefined;
    },
    /** The whole map as one string, and whether its counts agree with its letters. */
    async wholeMap() {
      const map = await inventory.readSeatMap(published, saleId);
      const letters = map.sections.map((section) => section.seats).join('|');
      const agree = map.sections.every((section) => {
        const count = (letter: string) => section.seats.split(letter).length - 1;
        return (
          section.free === count('f') &&
          section.held === count('h') &&
          section.sold === count('s') &&
          section.blocked === count('b')
        );
      });
      return { letters, agree };
    },
    async forgetSale() {
      await Promise.all(
        published.seatMap.sections.map(async (_, index) => {
          const keys = sectionKeys(saleId, index, published.seatMap.sections.length);
          await redis.del(...keys.live, keys.returned);
        }),
      );
    },
  };
}

/** A {@link BreakerStore} in memory; PostgreSQL's is tested with the orders. */
export function breakerStore() {
  const epochs = new Map<string, { epoch: number; untilMs: number }>();
  return {
    async extend(saleId: string, epoch: number, untilMs: number) {
      const known = epochs.get(saleId);
      if (known && known.epoch > epoch) return false;
      epochs.set(saleId, { epoch, untilMs: Math.max(untilMs, known?.untilMs ?? 0) });
      return true;
    },
    async supersede(saleId: string, epoch: number) {
      const { untilMs, epoch: known } = epochs.get(saleId) ?? { untilMs: 0, epoch: 0 };
      epochs.set(saleId, { epoch: Math.max(epoch, known), untilMs });
      return untilMs || undefined;
    },
  };
}

/** A client of the shared single server, or of the three-master cluster. */
export function redisOf(engines: TestEngines, kind: 'single' | 'cluster'): () => RedisClient {
  const url =
    kind === 'single'
      ? engines.redisUrl
      : engines.redisClusterNodes.map((node) => `redis://${node.host}:${node.port}`).join(',');
  return () => createRedis({ url, cluster: kind === 'cluster' }, pino({ level: 'silent' }));
}

/** Resolves once the condition holds; rejects after the deadline. */
export async function until(
  condition: () => Promise<boolean>,
  what: string,
  deadlineMs = 60_000,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`after ${deadlineMs} ms still not: ${what}`);
    await delay(20);
  }
}
