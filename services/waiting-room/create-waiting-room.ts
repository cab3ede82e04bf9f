import type { EventCatalogue, PublishedEvent } from '@onsale/contracts/sale/published-event';
import { parseSaleId } from '@onsale/contracts/sale/sale-id';
import { saleOfRound, type SaleWindow } from '@onsale/contracts/sale/sale-window';
import type { Clock } from '@onsale/platform/clock';
import { ApiError } from '@onsale/platform/http/api-error';
import type { RedisClient } from '@onsale/platform/redis';
import { createSingleFlightCache } from '@onsale/platform/single-flight-cache';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { Gauge, type Registry } from 'prom-client';
import { readHeartbeats } from './admission/pod-heartbeats.ts';
import { summarizePods } from './admission/pods.ts';
import { createAdmissionSteerer, type AdmissionSteering } from './admission/steer-admission.ts';
import { changeRate, followRate } from './change-rate.ts';
import { leaseIndexes } from './lease-indexes.ts';
import { createRoomDirectory } from './room-directory.ts';
import { createRoomKeeper } from './room-keeper.ts';
import { createRoomMetrics } from './room-metrics.ts';
import { toRoomRecord } from './room-record.ts';
import { createRoomRows } from './room-rows.ts';
import { createRoomStore } from './room-store.ts';
import { createRoomTokens, type RoomToken, type RoomTokenKey } from './room-token.ts';
import type { SaleRoom } from './sale-room.ts';
import { saveRoom } from './save-room.ts';
import { standingOf } from './standing.ts';
import { takePlace } from './take-place.ts';
import { turnOf, type Turn } from './turn.ts';
import { visitRoom } from './visit-room.ts';
import type { RoomStatus, WaitingRoom } from './waiting-room.ts';

export interface WaitingRoomDeps {
  readonly redis: RedisClient;
  readonly pool: Pool;
  readonly catalogue: EventCatalogue;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** The first signs, all verify. */
  readonly tokenKeys: readonly RoomTokenKey[];
  readonly logger: Logger;
  readonly registry: Registry;
  /** Absent: admission goes by the planned rate alone. */
  readonly admission?: AdmissionSteering | undefined;
  /** From [0, 1), for the jitter. */
  readonly random?: () => number;
}

/** Sales a good token named and nobody can enter any more are remembered this long, and this many of them. */
const goneForMs = 2000;
const maxGone = 1000;

const expired = { outcome: 'expired' } as const;

/**
 * Makes the {@link WaitingRoom}. CPU per call, one core of a 2-core machine, Redis on loopback: enter 18 to 26 µs, of which a
 * bare EVALSHA is 9 to 11; room-status and verifyTurn 4, of which the signature is 3; the first look at a drawn place 20 more.
 */
export function createWaitingRoom(deps: WaitingRoomDeps): WaitingRoom {
  const { redis, pool, catalogue, logger, registry, random = Math.random } = deps;
  // A clock that is set back must not take anybody's turn back.
  let latestMs = 0;
  const clock = { nowMs: () => (latestMs = Math.max(latestMs, deps.clock.nowMs())) };
  const store = createRoomStore(redis);
  const rows = createRoomRows(pool);
  const tokens = createRoomTokens(deps.tokenKeys);
  const metrics = createRoomMetrics(registry);
  const roomDeps = { store, rows, logger, metrics };
  const steerer = deps.admission && createAdmissionSteerer({ ...deps, ...deps.admission, clock });
  const goneUntilMs = new Map<string, number>();
  const closedRooms = createSingleFlightCache({
    name: 'closed_rooms',
    ttlMs: 10_000,
    maxEntries: 200,
    load: rows.find,
    staleOnErrorMs: 600_000,
    registry,
  });
  new Gauge({
    name: 'onsale_room_record_age_seconds',
    help: 'Time since the room record of a running sale was read, of the oldest',
    registers: [registry],
    collect() {
      const now = performance.now();
      const inUse = [...rooms.values()].filter((room) => clock.nowMs() < room.sale.closesAtMs);
      this.set(Math.max(0, ...inUse.map((room) => (now - room.readAtMs) / 1000)));
    },
  });

  const visit = (room: SaleRoom) => visitRoom(room, roomDeps);
  const lease = (room: SaleRoom, count: number) => leaseIndexes(room, count, roomDeps);
  const { rooms, known, ensure } = createRoomDirectory({ clock, lease, visit });

  const turn = (room: SaleRoom, { joinIndex, takenAtMs }: Omit<RoomToken, 'userId' | 'saleId'>): Turn =>
    turnOf({
      state: room.state!,
      draw: room.draw,
      plannedRate: room.wantedRate || room.published.event.waitingRoom.ratePerSecond,
      joinIndex,
      takenAtMs,
      nowMs: clock.nowMs(),
    });
  const standing = (room: SaleRoom, place: Omit<RoomToken, 'userId' | 'saleId'>) => {
    const opensInMs = Math.max(0, room.sale.opensAtMs - clock.nowMs());
    const { top: joined, admission } = room;
    return standingOf(turn(room, place), { opensInMs, joined, admission }, random);
  };

  const statusOf = (token: RoomToken): RoomStatus => {
    const room = rooms.get(token.saleId);
    const nowMs = clock.nowMs();
    if (!room) return (goneUntilMs.get(token.saleId) ?? 0) > nowMs ? expired : { outcome: 'unread' };
    if (nowMs >= room.sale.closesAtMs) return expired;
    return { outcome: 'known', ...standing(room, token) };
  };
  const ensureRunning = (published: PublishedEvent, sale: SaleWindow): Promise<SaleRoom> => {
    if (sale.closesAtMs <= clock.nowMs()) throw new ApiError('sale_not_open', 'The sale is over');
    return ensure(published, sale);
  };
  const markGone = (saleId: string) => {
    if (goneUntilMs.size >= maxGone) goneUntilMs.clear();
    goneUntilMs.set(saleId, clock.nowMs() + goneForMs);
  };

  const keeper = createRoomKeeper({
    catalogue,
    rooms,
    clock,
    logger,
    ensureRoom: ensure,
    visit,
    async follow(room) {
      await steerer?.tellShown(room);
      const rate = steerer ? await steerer.steer(room) : room.wantedRate;
      if (rate === undefined || !room.state?.seal) return;
      if (!(await followRate(room, rate, { store, clock }))) return;
      await visit(room);
      void saveRoom(room, roomDeps);
    },
  });

  return {
    async ensureRoom(published, sale) {
      if (known(published, sale)) return;
      if (sale.closesAtMs <= clock.nowMs()) {
        // Nobody enters any more: PostgreSQL alone keeps it.
        if (await closedRooms.get(sale.saleId)) return;
        await rows.open(published.event.eventId, sale, published.event.sale.kind === 'windows');
        closedRooms.delete(sale.saleId);
        return;
      }
      await ensure(published, sale);
    },
    async enter({ published, sale, userId }) {
      try {
        const room = known(published, sale) ?? (await ensure(published, sale));
        const { joinIndex, takenAtMs, isNew } = await takePlace(room, userId, { store, visit });
        metrics.enters.inc({ outcome: isNew ? 'new' : 'again' });
        const roomToken = tokens.sign({ saleId: sale.saleId, userId, joinIndex, takenAtMs });
        return { roomToken, joinIndex, ...standing(room, { joinIndex, takenAtMs }) };
      } catch (error) {
        metrics.enters.inc({ outcome: 'failed' });
        throw error;
      }
    },
    roomStatus(text) {
      const verified = tokens.verify(text);
      return verified.outcome === 'invalid' ? expired : statusOf(verified.token);
    },
    async learn(text) {
      const verified = tokens.verify(text);
      if (verified.outcome === 'invalid') return expired;
      const { token } = verified;
      const status = statusOf(token);
      if (status.outcome !== 'unread') return status;
      const named = parseSaleId(token.saleId);
      const published = named && (await catalogue.find(named.eventId));
      const sale = published && saleOfRound(published.event, named.round);
      if (!sale || sale.closesAtMs <= clock.nowMs()) {
        markGone(token.saleId);
        return expired;
      }
      await ensure(published, sale);
      return statusOf(token);
    },
    verifyTurn(text, published, sale) {
      const verified = tokens.verify(text);
      if (verified.outcome === 'invalid' || verified.token.saleId !== sale.saleId) {
        return { outcome: 'invalid' };
      }
      const room = known(published, sale);
      if (!room) {
        if (sale.closesAtMs > clock.nowMs()) ensure(published, sale).catch(() => undefined);
        return { outcome: 'not-yet', retryAfterSec: 1 };
      }
      const { ready, leftMs, lapsed } = turn(room, verified.token);
      if (!ready) return { outcome: 'not-yet', retryAfterSec: Math.max(1, Math.ceil(leftMs / 1000)) };
      const { userId, joinIndex } = verified.token;
      if (steerer && !lapsed) room.shown.add(joinIndex);
      return { outcome: 'admitted', userId, joinIndex, lapsed };
    },
    lapsePlace: ({ saleId }, { userId, joinIndex }) => store.lapsePlace(saleId, userId, joinIndex),
    async roomRecord(published, sale) {
      const nowMs = clock.nowMs();
      const { eventId, waitingRoom } = published.event;
      const room = known(published, sale);
      if (!room && nowMs >= sale.closesAtMs) {
        // Over, and forgotten by Redis perhaps; PostgreSQL keeps what the draw can be checked with.
        const state = await closedRooms.get(sale.saleId);
        if (!state) throw new ApiError('not_found', 'This sale had no waiting room');
        return toRoomRecord({
          eventId,
          sale,
          state,
          openingRate: waitingRoom.ratePerSecond,
          admission: 'open',
          nowMs,
        });
      }
      const { state, openingRate, admission } = room ?? (await ensure(published, sale));
      return toRoomRecord({ eventId, sale, state: state!, openingRate, admission, nowMs });
    },
    async saleCapacity(published, sale) {
      const { suspend, waitingRoom } = published.event;
      const room = known(published, sale);
      const nowMs = clock.nowMs();
      const pods = summarizePods(await readHeartbeats(redis, nowMs), nowMs);
      const plannedRate = room?.wantedRate ?? (suspend ? 0 : waitingRoom.ratePerSecond);
      const planned = { state: room?.admission ?? 'open', ratePerSecond: plannedRate } as const;
      return { plannedRate, admission: room?.state?.admission ?? planned, pods };
    },
    async changeRate(published, sale, change) {
      const room = await ensureRunning(published, sale);
      const changed = await changeRate(room, change, {
        store,
        clock,
        isSteered: steerer !== undefined,
        visit,
      });
      await saveRoom(room, roomDeps);
      logger.info({ event: 'room_rate_changed', saleId: sale.saleId, ...changed }, 'Admission rate changed');
      return changed;
    },
    async setBeacon(published, sale, beacon) {
      const room = await ensureRunning(published, sale);
      const outcome = await store.setBeacon(sale.saleId, beacon);
      if (outcome === 'missing')
        throw new ApiError('cache_unavailable', 'The waiting room is being restored');
      await visit(room);
      await saveRoom(room, roomDeps);
      return { outcome };
    },
    async countEntered(published, sale) {
      const room = known(published, sale);
      if (!room && sale.closesAtMs <= clock.nowMs()) {
        return (await closedRooms.get(sale.saleId))?.entered ?? 0;
      }
      const counted = room ?? (await ensure(published, sale));
      await visit(counted);
      return counted.state!.entered;
    },
    start: () => keeper.start(),
    stop: () => keeper.stop(),
  };
}
