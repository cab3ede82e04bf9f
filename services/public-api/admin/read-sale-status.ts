import type { Capacity, SaleStatus } from '@onsale/contracts/http/sale-status-routes';
import type { EventCatalogue, PublishedEvent } from '@onsale/contracts/sale/published-event';
import { currentSale, saleState } from '@onsale/contracts/sale/sale-window';
import type { SeatInventory } from '@onsale/inventory/seat-inventory';
import { readSaleFigures } from '@onsale/orders/queries/read-sale-figures';
import type { Clock } from '@onsale/platform/clock';
import { createSingleFlightCache } from '@onsale/platform/single-flight-cache';
import type { SaleCapacity, WaitingRoom } from '@onsale/waiting-room/waiting-room';
import type { Pool } from 'pg';
import type { Registry } from 'prom-client';

export interface SaleStatusDeps {
  readonly catalogue: Pick<EventCatalogue, 'find'>;
  readonly room: Pick<WaitingRoom, 'countEntered' | 'roomRecord' | 'saleCapacity'>;
  readonly inventory: Pick<SeatInventory, 'readSeatMap'>;
  readonly pool: Pool;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly registry: Registry;
}

/** How long a status is answered again: consoles of many people cost what one costs. */
const keptMs = 1000;

/**
 * Makes the reader of where the current sales of published events stand, in their order: one query for the orders of all of them, and
 * what Redis and this process know of each. General admission has its sold stock in place of seats.
 */
export function createSaleStatusReader(deps: SaleStatusDeps) {
  const { catalogue, room, inventory, pool, clock, registry } = deps;

  const read = async (events: readonly PublishedEvent[]): Promise<SaleStatus[]> => {
    const nowMs = clock.nowMs();
    const sales = events.map((published) => ({ published, sale: currentSale(published.event, nowMs) }));
    const figures = readSaleFigures(
      pool,
      sales.map(({ sale }) => sale.saleId),
    );
    return await Promise.all(
      sales.map(async ({ published, sale }) => {
        const { event, seatMap, cancellation } = published;
        const isSeated = seatMap.seatCount > 0;
        const [orders, entered, record, capacity, seats] = await Promise.all([
          figures.then((all) => all.get(sale.saleId)!),
          room.countEntered(published, sale),
          room.roomRecord(published, sale),
          room.saleCapacity(published, sale),
          isSeated ? inventory.readSeatMap(published, sale.saleId) : undefined,
        ]);
        const { base, since, rate } = record.serving;
        const isDrawn = record.draw.cohort !== null;
        const serving = isDrawn ? Math.floor(base + (rate * (clock.nowMs() - since)) / 1000) : -1;
        const sum = (state: 'free' | 'held' | 'sold') =>
          seats?.sections.reduce((total, section) => total + section[state], 0) ?? 0;
        const { queue, paid, confirmed, rejected, cancelled, refunds, oldestUnfinishedAt } = orders;
        return {
          eventId: event.eventId,
          saleId: sale.saleId,
          title: event.title,
          currency: event.currency,
          seated: isSeated,
          state: saleState(sale, nowMs),
          cancellation: cancellation ? { at: instant(cancellation.atMs), reason: cancellation.reason } : null,
          roomOpensAt: instant(sale.roomOpensAtMs),
          opensAt: instant(sale.opensAtMs),
          closesAt: instant(sale.closesAtMs),
          countedAt: instant(nowMs),
          entered,
          admitted: Math.max(0, Math.min(entered, serving + 1)),
          free: isSeated
            ? sum('free')
            : Math.max(0, (event.generalAdmission?.capacity ?? 0) - orders.stockSold),
          held: sum('held'),
          sold: isSeated ? sum('sold') : orders.stockSold,
          queue,
          paid,
          confirmed,
          rejected,
          cancelled,
          serving: { number: serving, ratePerSecond: isDrawn ? rate : 0 },
          capacity: capacityOf(capacity),
          refunds,
          oldestUnfinishedAt: oldestUnfinishedAt?.toISOString() ?? null,
        };
      }),
    );
  };

  const cache = createSingleFlightCache<string, SaleStatus[]>({
    name: 'sale-status',
    ttlMs: keptMs,
    maxEntries: 100,
    load: async (eventIds) => {
      const found = await Promise.all(eventIds.split(',').map((eventId) => catalogue.find(eventId)));
      return await read(found.filter((published) => published !== undefined));
    },
    registry,
  });

  return (eventIds: readonly string[]): Promise<readonly SaleStatus[]> =>
    eventIds.length === 0 ? Promise.resolve([]) : cache.get(eventIds.join());
}

function capacityOf({ plannedRate, admission, pods }: SaleCapacity): Capacity {
  return {
    plannedRatePerSecond: plannedRate,
    podRatePerSecond: pods.podRate ?? null,
    pods: [...pods.livePods].map(([service, live]) => ({ service, live })).sort(byService),
    p95Ms: pods.p95Ms ?? null,
    queueDepth: pods.queueDepth ?? null,
    backlogSec: pods.backlogSeconds ?? null,
    admission: {
      state: admission.state,
      ratePerSecond: admission.ratePerSecond,
      limitedBy: admission.limitedBy ?? null,
    },
  };
}

const byService = (one: { service: string }, other: { service: string }) =>
  one.service.localeCompare(other.service);
const instant = (ms: number) => new Date(ms).toISOString();
