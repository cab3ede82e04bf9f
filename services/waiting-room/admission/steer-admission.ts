import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import type { SaleId } from '@onsale/contracts/sale/sale-id';
import type { Clock } from '@onsale/platform/clock';
import type { RedisClient } from '@onsale/platform/redis';
import { createSingleFlightCache } from '@onsale/platform/single-flight-cache';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { AdmissionLimit, RoomAdmission } from '../room-state.ts';
import type { SaleRoom } from '../sale-room.ts';
import { servingNumber } from '../serving.ts';
import { createAdmissionMetrics } from './admission-metrics.ts';
import { createAdmissionStore } from './admission-store.ts';
import { decideAdmission, type AdmissionInput, type AdmissionSettings } from './decide-admission.ts';
import { readHeartbeats } from './pod-heartbeats.ts';
import { summarizePods } from './pods.ts';

export interface AdmissionSteering {
  /** Of this process among all that might steer. */
  readonly podName: string;
  readonly settings: AdmissionSettings;
  /** Free and held seats of a sale; undefined for general admission. */
  readSeats(
    published: PublishedEvent,
    saleId: SaleId,
  ): Promise<{ readonly free: number; readonly held: number } | undefined>;
}

export interface SteerDeps extends AdmissionSteering {
  readonly redis: RedisClient;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly logger: Logger;
  readonly registry: Registry;
}

/** Steers the admission of sales as long as this process leads them. */
export interface AdmissionSteerer {
  /** Decides once; returns the places per second to serve with, undefined when another process decides. */
  steer(room: SaleRoom): Promise<number | undefined>;
  /** Counts the turns used through this process since the last time. */
  tellShown(room: SaleRoom): Promise<void>;
}

/** Makes the {@link AdmissionSteerer}. */
export function createAdmissionSteerer(deps: SteerDeps): AdmissionSteerer {
  const { redis, clock, logger, podName, settings, readSeats } = deps;
  const store = createAdmissionStore(redis, podName);
  const metrics = createAdmissionMetrics(deps.registry);
  const pods = createSingleFlightCache({
    name: 'heartbeats',
    ttlMs: 500,
    maxEntries: 1,
    load: async (_all: 'all') => summarizePods(await readHeartbeats(redis, clock.nowMs()), clock.nowMs()),
    registry: deps.registry,
  });

  const read = async ({ published, sale, state, wantedRate }: SaleRoom): Promise<AdmissionInput> => {
    const [{ podRate, p95Ms, backlogSeconds }, seats, { shown, finished }] = await Promise.all([
      pods.get('all'),
      // Seats that are being rebuilt say nothing about the line.
      readSeats(published, sale.saleId).catch(() => undefined),
      store.count(sale.saleId),
    ]);
    const atMs = clock.nowMs();
    const { pieces, next, entered } = state!;
    const serving = servingNumber(pieces, atMs);
    return {
      plannedRate: wantedRate,
      currentRate: pieces.findLast(({ since }) => since <= atMs)?.rate ?? 0,
      podRate,
      p95Ms,
      backlogSeconds,
      seats,
      maxActive: published.event.waitingRoom.maxActive,
      counts: { atMs, serving, waiting: next - 1 - serving, entered, shown, finished },
    };
  };

  return {
    async steer(room) {
      const { saleId } = room.sale;
      const memory = await store.lead(saleId, room.expireAtMs);
      if (!memory) {
        metrics.forget(saleId);
        return undefined;
      }
      const input = await read(room);
      const decision = decideAdmission(input, memory, settings);
      const { ratePerSecond, limitedBy } = decision;
      const outcome = { ratePerSecond, state: stateOf(limitedBy), limitedBy };
      if (!(await store.note(saleId, decision.memory, outcome))) return undefined;
      metrics.report(saleId, await pods.get('all'), input, decision);
      if (room.state!.admission?.state !== outcome.state) {
        const { active, showShare } = decision;
        logger.info(
          { event: 'admission_steered', saleId, limitedBy, ratePerSecond, active, showShare },
          'Admission follows the system',
        );
      }
      room.adoptAdmission(outcome);
      return ratePerSecond;
    },
    async tellShown(room) {
      if (room.shown.size === 0) return;
      const shown = [...room.shown];
      room.shown.clear();
      await store.noteShown(room.sale.saleId, shown);
    },
  };
}

/** What buyers are told of it: why the line moves as it does is the operator's matter. */
function stateOf(limit: AdmissionLimit): RoomAdmission['state'] {
  switch (limit) {
    case 'planned':
      return 'open';
    case 'none-free':
      return 'none_free';
    case 'sold-out':
      return 'sold_out';
    case 'paused':
      return 'paused';
    default:
      return 'slowed';
  }
}
