import { setTimeout as delay } from 'node:timers/promises';
import type { EventDefinition } from '@onsale/contracts/sale/event-definition';
import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import { SeatMap } from '@onsale/contracts/sale/seat-map';
import { saleOfRound, type SaleWindow } from '@onsale/contracts/sale/sale-window';
import { testEngines, type TestScope } from '@onsale/local/test-engines';
import { RedisClock } from '@onsale/platform/clock';
import { createLogger } from '@onsale/platform/logger';
import { createPostgres } from '@onsale/platform/postgres';
import { createRedis, redisReady, type RedisClient } from '@onsale/platform/redis';
import type { Pool } from 'pg';
import { Registry } from 'prom-client';
import type { AdmissionSteering } from './admission/steer-admission.ts';
import { createWaitingRoom } from './create-waiting-room.ts';
import { placeKey, roomKey } from './room-keys.ts';
import { createRoomTokens, type RoomToken } from './room-token.ts';
import type { WaitingRoom } from './waiting-room.ts';

const tokenKeys = [{ id: 't1', secret: 'for tests only, thirty-two bytes.' }];

/** One process: its own connections, memory and metrics over stores it shares with the others. */
export interface TestProcess {
  readonly room: WaitingRoom;
  readonly redis: RedisClient;
  readonly pool: Pool;
  readonly registry: Registry;
  readonly clock: { nowMs(): number };
  /** Sum of a counter over its labels. */
  count(metric: string): Promise<number>;
}

export interface TestSale {
  readonly published: PublishedEvent;
  readonly sale: SaleWindow;
}

export type RedisKind = 'redis' | 'redisCluster';

export interface RoomTestBed {
  /** `lagMs`: how far the process's clock is behind the server's. */
  startProcess(options?: {
    readonly lagMs?: number;
    readonly started?: boolean;
    readonly admission?: AdmissionSteering;
  }): Promise<TestProcess>;
  /** Puts a sale on, its room open already; `change` overrides its event's fields. */
  putOn(times: { readonly opensInMs: number }, change?: Partial<EventDefinition>): TestSale;
  /** Replaces fields of a sale's event, as publishing again does. */
  alter(sale: TestSale, change: Partial<EventDefinition>): TestSale;
  /** What Redis loses of a sale when it is emptied: the room and these buyers' places. */
  emptyRedis(sale: TestSale, userIds: readonly string[]): Promise<void>;
  read(roomToken: string): RoomToken;
  uniqueId(prefix: string): string;
}

/** Where the engines are, when they are not the file's shared ones. */
export interface OwnEngines {
  readonly redisUrl?: string;
  readonly postgresUrl?: string;
}

/** Engines, a catalogue in memory, and as many processes as are asked for. */
export async function startRoomTestBed(
  t: TestScope,
  kind: RedisKind,
  own: OwnEngines = {},
): Promise<RoomTestBed> {
  const needs = [...(own.redisUrl ? [] : [kind]), ...(own.postgresUrl ? [] : (['postgres'] as const))];
  const engines = await testEngines(t, { needs });
  const logger = createLogger('test', 'silent');
  const catalogue = new Map<string, PublishedEvent>();
  const redisSettings =
    kind === 'redis'
      ? { url: own.redisUrl ?? engines.redisUrl, cluster: false }
      : {
          url: engines.redisClusterNodes.map(({ host, port }) => `redis://${host}:${port}`).join(),
          cluster: true,
        };
  const connect = async () => {
    const redis = createRedis(redisSettings, logger);
    t.teardown(() => redis.disconnect());
    await redisReady(redis, 30_000);
    return redis;
  };
  const control = await connect();
  const controlClock = new RedisClock(control);
  await controlClock.start();
  t.teardown(() => controlClock.stop());
  let number = 0;

  const publish = (event: EventDefinition): TestSale => {
    const published = { event, seatMap: new SeatMap(event.sections), number: ++number };
    catalogue.set(event.eventId, published);
    return { published, sale: saleOfRound(event, 0) };
  };

  return {
    uniqueId: engines.uniqueId,
    read(roomToken) {
      const verified = createRoomTokens(tokenKeys).verify(roomToken);
      if (verified.outcome === 'invalid') throw new Error('not a token of ours');
      return verified.token;
    },
    putOn({ opensInMs }, change = {}) {
      const opensAtMs = controlClock.nowMs() + opensInMs;
      return publish({
        eventId: engines.uniqueId('room'),
        title: 'Harbour Lights',
        homeRegion: 'local',
        currency: 'KRW',
        startsAtMs: opensAtMs + 86_400_000,
        timeZone: 'Asia/Seoul',
        sale: { kind: 'once', opensAtMs, closesAtMs: opensAtMs + 600_000 },
        sections: [{ id: 'A', rows: 10, seatsPerRow: 10, priceMinor: 1000 }],
        generalAdmission: undefined,
        perBuyer: 4,
        holdTtlMs: 180_000,
        waitingRoom: { opensBeforeMs: 1_800_000, ratePerSecond: 100, maxActive: 10_000 },
        suspend: false,
        ...change,
      });
    },
    alter: ({ published }, change) => publish({ ...published.event, ...change }),
    async emptyRedis({ sale }, userIds) {
      const keys = [roomKey(sale.saleId), ...userIds.map((userId) => placeKey(sale.saleId, userId))];
      await Promise.all(keys.map((key) => control.del(key)));
    },
    async startProcess({ lagMs = 0, started = true, admission } = {}) {
      const registry = new Registry();
      const pool = createPostgres(
        { url: own.postgresUrl ?? engines.postgresUrl, maxConnections: 3, applicationName: 'test' },
        logger,
      );
      const redis = await connect();
      const redisClock = new RedisClock(redis);
      await redisClock.start();
      const clock = { nowMs: () => redisClock.nowMs() - lagMs };
      const room = createWaitingRoom({
        redis,
        pool,
        clock,
        tokenKeys,
        logger,
        registry,
        admission,
        catalogue: {
          find: async (eventId) => catalogue.get(eventId),
          list: async () => [...catalogue.values()],
        },
      });
      t.teardown(async () => {
        await room.stop();
        redisClock.stop();
        if (!pool.ended) await pool.end();
      });
      if (started) await room.start();
      const count = async (metric: string) => {
        const { values } = (await registry.getSingleMetric(metric)!.get()) as { values: { value: number }[] };
        return values.reduce((sum, { value }) => sum + value, 0);
      };
      return { room, redis, pool, registry, clock, count };
    },
  };
}

/** Asks until the answer is neither undefined nor false. */
export async function until<T>(
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  deadlineMs = 60_000,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`not within ${deadlineMs} ms: ${String(ask)}`);
    await delay(10);
  }
}
