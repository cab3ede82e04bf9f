import { testEngines } from '@onsale/local/test-engines';
import { createLogger } from '@onsale/platform/logger';
import { createPostgres } from '@onsale/platform/postgres';
import { createRedis, redisReady } from '@onsale/platform/redis';
import { Registry } from 'prom-client';
import { createCatalogue, type Catalogue } from '../catalogue/create-catalogue.ts';
import { createEventListing, type EventListing } from '../catalogue/event-listing.ts';
import { createReservations, type Reservations } from './create-reservations.ts';

type Scope = Parameters<typeof testEngines>[0];

/** What one process of the service has: its own connections, memory and metrics, over stores it shares with the others. */
export interface TestProcess {
  readonly catalogue: Catalogue;
  readonly listing: EventListing;
  readonly reservations: Reservations;
  readonly registry: Registry;
  readonly pool: ReturnType<typeof createPostgres>;
  readonly redis: ReturnType<typeof createRedis>;
  readonly clock: { nowMs(): number };
}

export interface ProcessOptions {
  /** Instead of the file's own. */
  readonly postgresUrl?: string;
  readonly redisUrl?: string;
  readonly freeSeats?: () => Promise<number>;
  readonly maxStaleMs?: number;
}

/** A database of the test file's own, Redis, and as many processes over them as are asked for. */
export async function startTestBed(t: Scope) {
  const engines = await testEngines(t, { needs: ['postgres', 'redis'] });
  const logger = createLogger('test', 'silent');
  const clock = { shiftMs: 0, nowMs: () => Date.now() + clock.shiftMs };

  const startProcess = async (options: ProcessOptions = {}): Promise<TestProcess> => {
    const registry = new Registry();
    const pool = createPostgres(
      { url: options.postgresUrl ?? engines.postgresUrl, maxConnections: 4, applicationName: 'test' },
      logger,
    );
    const redis = createRedis({ url: options.redisUrl ?? engines.redisUrl, cluster: false }, logger);
    await redisReady(redis, 5000);
    const catalogue = createCatalogue({
      pool,
      redis,
      region: 'ap-northeast-1',
      registry,
      logger,
      ...(options.maxStaleMs === undefined ? {} : { maxStaleMs: options.maxStaleMs }),
    });
    const listing = createEventListing({
      pool,
      catalogue,
      clock,
      freeSeats: options.freeSeats ?? (async () => 0),
      apiBaseOf: () => 'http://127.0.0.1:8080',
      region: 'ap-northeast-1',
      registry,
      logger,
    });
    const reservations = createReservations({ pool, catalogue, clock, registry });
    t.teardown(async () => {
      catalogue.stop();
      redis.disconnect();
      await pool.end();
    });
    return { catalogue, listing, reservations, registry, pool, redis, clock };
  };
  return { engines, logger, clock, startProcess };
}

/** A general-admission event on sale since an hour ago and for a day, as an operator would publish it. */
export function generalAdmission(
  eventId: string,
  spec: { capacity?: number; perBuyer?: number; sale?: object; [field: string]: unknown } = {},
) {
  const { capacity = 100, perBuyer = 4, ...rest } = spec;
  return {
    apiVersion: 'onsale.dev/v1alpha1',
    kind: 'TicketEvent',
    metadata: { name: eventId },
    spec: {
      eventId,
      title: 'Open air',
      homeRegion: 'local',
      sale: {
        opensAt: new Date(Date.now() - 3_600_000).toISOString(),
        closesAt: new Date(Date.now() + 86_400_000).toISOString(),
      },
      generalAdmission: { capacity, price: 50_000 },
      limits: { perBuyer, holdTtl: '3m' },
      ...rest,
    },
  };
}
