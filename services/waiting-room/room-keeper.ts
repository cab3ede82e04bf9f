import type { EventCatalogue, PublishedEvent } from '@onsale/contracts/sale/published-event';
import { currentSale, saleOfRound, type SaleWindow } from '@onsale/contracts/sale/sale-window';
import type { Clock } from '@onsale/platform/clock';
import type { Logger } from 'pino';
import type { SaleRoom } from './sale-room.ts';

export interface RoomKeeperDeps {
  readonly catalogue: Pick<EventCatalogue, 'list'>;
  /** The rooms this process knows; those of sales long over are removed. */
  readonly rooms: Map<string, SaleRoom>;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly logger: Logger;
  /** Makes the sale's room known to this process, and to Redis and PostgreSQL. */
  ensureRoom(published: PublishedEvent, sale: SaleWindow): Promise<SaleRoom>;
  /** Reads the room anew; seals it when due. */
  visit(room: SaleRoom): Promise<void>;
  /** Decides how fast to admit, and announces it once the room is sealed, where it differs. */
  follow(room: SaleRoom): Promise<void>;
}

export interface RoomKeeper {
  /** Reads every room in use, then keeps reading. Resolves after the first round, also where an engine is away. */
  start(): Promise<void>;
  /** Resolves when nothing of it is under way any more. */
  stop(): Promise<void>;
}

const readEveryMs = 1000;
/** Rooms are there this long before they let anybody in, and read for a little while after closing. */
const aheadMs = 60_000;
const behindMs = 5_000;
/** A closed sale's tokens are told so from memory for this long. */
const rememberedMs = 900_000;

/** Keeps a process's rooms up to date, and seals at the opening instant and not at the next second. */
export function createRoomKeeper(deps: RoomKeeperDeps): RoomKeeper {
  const { catalogue, rooms, clock, logger } = deps;
  const keeping = new Map<string, Promise<void>>();
  const openings = new Map<string, NodeJS.Timeout>();
  const failing = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let listing: Promise<void> | undefined;
  let stopped = false;

  /** One line per change of trouble, not one per second. */
  const report = (what: string, error?: unknown) => {
    if (error === undefined) {
      if (failing.delete(what)) logger.info({ event: 'room_kept_again', what }, 'Rooms are read again');
    } else if (!failing.has(what)) {
      failing.add(what);
      logger.warn({ event: 'room_not_kept', what, err: error }, 'A room goes on by its last record');
    }
  };

  const keep = (published: PublishedEvent, sale: SaleWindow): Promise<void> => {
    const { saleId } = sale;
    const running = keeping.get(saleId);
    if (running) return running;
    const work = (async () => {
      const isKnown = rooms.has(saleId);
      const room = await deps.ensureRoom(published, sale);
      if (isKnown) await deps.visit(room);
      if (!room.state?.seal) awaitOpening(room);
      await deps.follow(room);
    })().then(
      () => report(saleId),
      (error: unknown) => {
        const room = rooms.get(saleId);
        if (room && !room.state?.seal) awaitOpening(room);
        report(saleId, error);
      },
    );
    const tracked = work.finally(() => keeping.delete(saleId));
    keeping.set(saleId, tracked);
    return tracked;
  };

  const awaitOpening = (room: SaleRoom) => {
    const { saleId, opensAtMs } = room.sale;
    const leftMs = opensAtMs - clock.nowMs();
    if (stopped || openings.has(saleId) || leftMs > 1.5 * readEveryMs || leftMs < -readEveryMs) return;
    const seal = () => {
      openings.delete(saleId);
      deps.visit(room).then(
        // A timer may fire a moment early, and the sale's server decides what time it is.
        () => {
          if (!room.state?.seal) awaitOpening(room);
        },
        (error: unknown) => report(saleId, error),
      );
    };
    const opening = setTimeout(seal, Math.max(5, leftMs));
    opening.unref();
    openings.set(saleId, opening);
  };

  const readAll = async (): Promise<void> => {
    const nowMs = clock.nowMs();
    try {
      const published = await catalogue.list();
      report('catalogue');
      for (const one of published) {
        for (const sale of salesInUse(one, nowMs)) void keep(one, sale);
      }
    } catch (error) {
      report('catalogue', error);
      for (const room of rooms.values()) {
        if (isInUse(room.sale, nowMs)) void keep(room.published, room.sale);
      }
    }
    for (const [saleId, { sale }] of rooms) {
      if (nowMs > sale.closesAtMs + rememberedMs) rooms.delete(saleId);
    }
  };

  const read = () => {
    listing ??= readAll().finally(() => {
      listing = undefined;
    });
    return listing;
  };

  return {
    async start() {
      await read();
      await Promise.all(keeping.values());
      if (stopped) return;
      timer = setInterval(() => void read(), readEveryMs);
      timer.unref();
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      for (const opening of openings.values()) clearTimeout(opening);
      await listing;
      await Promise.all(keeping.values());
      // What is still untold is told, where somebody listens.
      const untold = [...rooms.values()].filter((room) => room.taken > 0);
      await Promise.allSettled(untold.map((room) => deps.visit(room)));
      await Promise.all(
        [...rooms.values()].flatMap(({ saving, reserving }) => [saving ?? [], reserving ?? []].flat()),
      );
    },
  };
}

function isInUse(sale: SaleWindow, nowMs: number): boolean {
  return nowMs >= sale.roomOpensAtMs - aheadMs && nowMs < sale.closesAtMs + behindMs;
}

/** The current sale and, of practice, the round before it until it is settled and the one after. */
function salesInUse({ event }: PublishedEvent, nowMs: number): SaleWindow[] {
  const current = currentSale(event, nowMs);
  const rounds = event.sale.kind === 'once' ? [0] : [current.round - 1, current.round, current.round + 1];
  return rounds.map((round) => saleOfRound(event, round)).filter((sale) => isInUse(sale, nowMs));
}
