import type { BuyerErasure, BuyerExport } from '@onsale/contracts/http/buyer-data-routes';
import type { EventDefinition } from '@onsale/contracts/sale/event-definition';
import type { EventCatalogue, PublishedEvent } from '@onsale/contracts/sale/published-event';
import { parseSaleId, type SaleId } from '@onsale/contracts/sale/sale-id';
import { latestOpenedSale, saleOfRound } from '@onsale/contracts/sale/sale-window';
import { createBuyerTraces, type BuyerTracesDeps } from '@onsale/inventory/buyer-traces';
import { eraseBuyer, finishErasure } from '@onsale/orders/buyers/erase-buyer';
import { readBuyerRecords } from '@onsale/orders/buyers/read-buyer-records';
import { createStatusCache } from '@onsale/orders/queries/status-cache';
import type { Clock } from '@onsale/platform/clock';
import { ApiError } from '@onsale/platform/http/api-error';
import { forgetBuyerPlace, readBuyerPlace } from '@onsale/waiting-room/buyer-place';
import type { Logger } from 'pino';
import type { Pool } from 'pg';

/** What a buyer may ask of those who keep their data. */
export interface BuyerData {
  exportBuyer(userId: string): Promise<BuyerExport>;
  /** Throws ApiError `conflict` while something is under way; after a 503 in the midst, a repetition finishes it. */
  eraseBuyer(userId: string): Promise<BuyerErasure>;
}

export interface BuyerDataDeps extends BuyerTracesDeps {
  readonly pool: Pool;
  readonly catalogue: Pick<EventCatalogue, 'find' | 'list'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly logger: Logger;
}

interface Sale {
  readonly published: PublishedEvent;
  readonly saleId: SaleId;
}

/** How long Redis remembers anything of a practice round after it closed, holds aside. */
const roundKeptMs = 20 * 60_000;

/** Makes {@link BuyerData} over all stores. Few ask and nobody waits in line for it: it looks where the hot path never does. */
export function createBuyerData(deps: BuyerDataDeps): BuyerData {
  const { pool, redis, catalogue, clock, logger } = deps;
  const traces = createBuyerTraces(deps);
  const statusCache = createStatusCache(redis);

  /** Sales the stores may know the buyer of: those named, and all that Redis still remembers. */
  const salesOf = async (named: readonly string[]): Promise<Sale[]> => {
    const sales = new Map<string, Sale>();
    for (const published of await catalogue.list()) {
      for (const saleId of rememberedSales(published.event, clock.nowMs())) {
        sales.set(saleId, { published, saleId });
      }
    }
    for (const saleId of named) {
      const parsed = parseSaleId(saleId);
      const published = parsed && (await catalogue.find(parsed.eventId));
      if (published) sales.set(saleId, { published, saleId: saleId as SaleId });
    }
    return [...sales.values()];
  };

  const lookAt = async (sale: Sale, userId: string) => {
    const [place, counted] = await Promise.all([
      readBuyerPlace(redis, sale.saleId, userId),
      traces.readCounted(sale.saleId, userId),
    ]);
    return { ...sale, place, counted };
  };

  return {
    async exportBuyer(userId) {
      const records = await readBuyerRecords(pool, userId);
      const named = new Set(records['payment_intents']!.map((row) => String(row['sale_id'])));
      const found: BuyerExport['sales'] = [];
      for (const sale of await salesOf([...named])) {
        const { published, saleId, place, counted } = await lookAt(sale, userId);
        if (!named.has(saleId) && !place && !counted) continue;
        const lockItems = await traces.readLockItems(published, saleId, userId);
        if (!place && !counted && lockItems.length === 0) continue;
        found.push({
          saleId,
          place: place ? { joinIndex: place.joinIndex, takenAt: instant(place.takenAtMs) } : null,
          holds: (counted ?? []).map(({ holdId, seatCount, expiresAtMs }) => ({
            holdId,
            seatCount,
            expiresAt: expiresAtMs === undefined ? null : instant(expiresAtMs),
          })),
          lockItems,
        });
      }
      logger.info({ event: 'buyer_exported' }, 'What is stored of a buyer was exported');
      return {
        userId,
        exportedAt: instant(clock.nowMs()),
        records: records as BuyerExport['records'],
        sales: found,
      };
    },

    async eraseBuyer(userId) {
      const nowMs = clock.nowMs();
      for (const sale of await salesOf([])) {
        const { counted = [] } = await lookAt(sale, userId);
        const held = counted.find(({ expiresAtMs }) => expiresAtMs !== undefined && expiresAtMs > nowMs);
        if (held) {
          throw new ApiError(
            'conflict',
            `The buyer holds seats of ${sale.saleId} until ${instant(held.expiresAtMs!)}: erase once they are released, bought or lapsed`,
          );
        }
      }
      // PostgreSQL first: what is restored from it afterwards has the pseudonym already.
      const erased = await eraseBuyer(pool, userId);
      if (erased.outcome === 'under-way') {
        throw new ApiError(
          'conflict',
          `Still under way: ${erased.orders} orders, ${erased.refunds} refunds. Erase once they have ended, or cancel them first`,
        );
      }
      const { pseudonym, kept, removed } = erased;
      const seatsOf = new Map(erased.seats.map(({ saleId, seatIds }) => [saleId, seatIds]));
      const named = new Set(erased.saleIds);
      let places = 0;
      for (const sale of await salesOf(erased.saleIds)) {
        const { published, saleId, place, counted } = await lookAt(sale, userId);
        if (!named.has(saleId) && !place && !counted) continue;
        await traces.rename({ published, saleId, userId, pseudonym, seatIds: seatsOf.get(saleId) ?? [] });
        if (!place) continue;
        await forgetBuyerPlace(redis, saleId, userId);
        places++;
      }
      await statusCache.forget(erased.commitKeys);
      await finishErasure(pool, pseudonym);
      logger.info({ event: 'buyer_erased', pseudonym, kept, removed }, 'A buyer was erased');
      return { pseudonym, kept, removed: { ...removed, places } };
    },
  };
}

function rememberedSales(event: EventDefinition, nowMs: number): SaleId[] {
  const latest = latestOpenedSale(event, nowMs);
  if (event.sale.kind === 'once') return [latest.saleId];
  const saleIds = [saleOfRound(event, latest.round + 1).saleId];
  for (let { round } = latest; round >= 0; round--) {
    const { saleId, closesAtMs } = saleOfRound(event, round);
    if (closesAtMs + event.holdTtlMs + roundKeptMs < nowMs) break;
    saleIds.push(saleId);
  }
  return saleIds;
}

const instant = (ms: number) => new Date(ms).toISOString();
