import { randomBytes } from 'node:crypto';
import type { EventDefinition } from '@onsale/contracts/sale/event-definition';
import type { EventCatalogue, PublishedEvent } from '@onsale/contracts/sale/published-event';
import { saleOfRound, type SaleWindow } from '@onsale/contracts/sale/sale-window';
import type { Clock } from '@onsale/platform/clock';
import type { RedisClient } from '@onsale/platform/redis';
import type { Logger } from 'pino';
import { Counter, type Registry } from 'prom-client';
import { keeperLeaseKey } from './inventory-keys.ts';
import { keepUntilMs } from './keep-until.ts';
import type { SeatInventory } from './seat-inventory.ts';

/** Looks after the seats of all sales: each replica runs one, one of them works for a sale in each second. */
export interface InventoryKeeper {
  start(): void;
  /** Resolves when a turn under way is done. */
  stop(): Promise<void>;
  /** One turn, for tests and for whoever cannot wait a second. */
  turn(): Promise<void>;
}

export interface InventoryKeeperDeps {
  readonly catalogue: EventCatalogue;
  readonly inventory: Pick<SeatInventory, 'isWhole' | 'rebuild' | 'reapLapsed'>;
  readonly redis: RedisClient;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly logger: Logger;
  readonly registry: Registry;
  /** Only the home Region sells an event; default: all events. */
  readonly isHome?: (event: EventDefinition) => boolean;
}

const turnEveryMs = 1000;
/** A little less than a second: whoever comes first in each second has the sale for that second. */
const leaseMs = 900;

/** Makes the {@link InventoryKeeper}. */
export function createInventoryKeeper(deps: InventoryKeeperDeps): InventoryKeeper {
  const { catalogue, inventory, redis, clock, logger, isHome = () => true } = deps;
  const errors = new Counter({
    name: 'onsale_inventory_keeper_errors_total',
    help: 'Turns of the keeper that failed for a sale and are tried again',
    registers: [deps.registry],
  });
  let timer: NodeJS.Timeout | undefined;
  let stopped = true;
  let underWay: Promise<void> | undefined;

  // Nothing depends on this lease: without it the replicas only did the same work over and over.
  const isMine = async (sale: SaleWindow) =>
    (await redis.set(keeperLeaseKey(sale.saleId), randomBytes(6).toString('hex'), 'PX', leaseMs, 'NX')) !==
    null;

  const keep = async (published: PublishedEvent, sale: SaleWindow) => {
    if (!(await isMine(sale))) return;
    const reap = async () => {
      if (clock.nowMs() >= sale.opensAtMs) await inventory.reapLapsed(published, sale.saleId);
    };
    let whole: boolean;
    try {
      whole = await inventory.isWhole(published, sale.saleId);
    } catch (error) {
      // Without DynamoDB nothing tells, and nothing can be restored; what lapses is freed all the same.
      await reap();
      throw error;
    }
    if (whole) await reap();
    else await inventory.rebuild(published, sale.saleId);
  };

  const turn = async () => {
    try {
      const events = await catalogue.list();
      await Promise.all(
        events
          .filter(({ event }) => event.sections.length > 0 && isHome(event))
          .flatMap((published) =>
            salesToKeep(published.event, clock.nowMs()).map(async (sale) => {
              try {
                await keep(published, sale);
              } catch (err) {
                errors.inc();
                const { saleId } = sale;
                logger.warn({ event: 'inventory_keeper_failed', saleId, err }, 'Tried again in a second');
              }
            }),
          ),
      );
    } catch (err) {
      errors.inc();
      logger.warn({ event: 'inventory_keeper_failed', err }, 'Tried again in a second');
    }
  };

  const loop = () => {
    const startedAt = performance.now();
    underWay = turn().finally(() => {
      underWay = undefined;
      if (stopped) return;
      timer = setTimeout(loop, Math.max(0, turnEveryMs - (performance.now() - startedAt)));
      timer.unref();
    });
  };

  return {
    turn,
    start() {
      if (!stopped) return;
      stopped = false;
      loop();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await underWay;
    },
  };
}

/**
 * The sales whose seats must be there: an ordinary one from its publication until its keys expire; of a windowed one the round
 * before while its commits are settled, the one that runs, and the next, made ready a whole round ahead. Keys of rounds
 * before those expire by themselves.
 */
export function salesToKeep(event: EventDefinition, nowMs: number): SaleWindow[] {
  if (event.sale.kind === 'once') {
    const sale = saleOfRound(event, 0);
    return nowMs < keepUntilMs(event, sale) ? [sale] : [];
  }
  const running = Math.floor(nowMs / event.sale.everyMs);
  const before = saleOfRound(event, running - 1);
  return [
    ...(nowMs < before.closesAtMs + event.holdTtlMs + 1000 ? [before] : []),
    saleOfRound(event, running),
    saleOfRound(event, running + 1),
  ];
}
