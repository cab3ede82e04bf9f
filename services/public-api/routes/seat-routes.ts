import { seatsRoute, seatStateLegend, summaryRoute } from '@onsale/contracts/http/public-routes';
import type { EventCatalogue, PublishedEvent } from '@onsale/contracts/sale/published-event';
import { currentSale, saleState, type SaleWindow } from '@onsale/contracts/sale/sale-window';
import type { SeatInventory, SeatMapSnapshot } from '@onsale/inventory/seat-inventory';
import type { Clock } from '@onsale/platform/clock';
import { ApiError } from '@onsale/platform/http/api-error';
import { registerRoute, type HttpApp } from '@onsale/platform/http/register-route';

export interface SeatRoutesDeps {
  readonly catalogue: Pick<EventCatalogue, 'find'>;
  readonly inventory: Pick<SeatInventory, 'readSummary' | 'readSeatMap'>;
  readonly clock: Pick<Clock, 'nowMs'>;
}

interface RenderedMap {
  readonly json: Buffer;
  readonly bytes: Buffer;
  readonly etag: string;
}

/** Serves the seat map and the summaries: the same bytes for all buyers, an ETag from the version, short-lived in caches. */
export function registerSeatRoutes(app: HttpApp, { catalogue, inventory, clock }: SeatRoutesDeps): void {
  // A snapshot stays the same object until a seat changes: it is rendered once, however many ask.
  const rendered = new WeakMap<SeatMapSnapshot, RenderedMap>();

  const find = async (eventId: string) => {
    const published = await catalogue.find(eventId);
    if (!published) throw new ApiError('not_found', `There is no event ${eventId}`);
    if (published.seatMap.seatCount === 0) {
      throw new ApiError('bad_request', 'This event has no numbered seats: see GET /api/events');
    }
    return { published, sale: currentSale(published.event, clock.nowMs()) };
  };

  registerRoute(app, seatsRoute, async (request, reply) => {
    const { published, sale } = await find(request.params.eventId);
    const snapshot = await inventory.readSeatMap(published, sale.saleId);
    let map = rendered.get(snapshot);
    if (!map) {
      map = renderMap(published, snapshot);
      rendered.set(snapshot, map);
    }
    void reply
      .header('cache-control', cacheControlOf(sale, clock.nowMs()))
      .header('vary', 'accept')
      .header('etag', map.etag);
    if (isFresh(request.headers['if-none-match'], map.etag)) return reply.code(304 as 200).send('' as never);
    const wantsBytes = request.headers.accept?.includes('application/octet-stream') ?? false;
    return reply
      .type(wantsBytes ? 'application/octet-stream' : 'application/json; charset=utf-8')
      .send((wantsBytes ? map.bytes : map.json) as never);
  });

  registerRoute(app, summaryRoute, async (request, reply) => {
    const { event, section } = request.params;
    const { published, sale } = await find(event);
    const sectionIndex = published.seatMap.sectionIndex(section);
    if (sectionIndex === undefined) throw new ApiError('not_found', `The event has no section ${section}`);
    const { free, version, updatedAtMs } = await inventory.readSummary(published, sale.saleId, sectionIndex);
    const etag = `"${sale.saleId}-${sectionIndex}-${version}"`;
    void reply.header('cache-control', cacheControlOf(sale, clock.nowMs())).header('etag', etag);
    if (isFresh(request.headers['if-none-match'], etag))
      return await reply.code(304 as 200).send('' as never);
    return await reply.send({
      event,
      section,
      seatsAvailable: free,
      updatedAt: new Date(updatedAtMs).toISOString(),
    });
  });
}

/**
 * JSON, and bytes: the seats of all sections one after the other, one letter of the legend each; how many lie in a section
 * the JSON says, and it does not change.
 */
function renderMap(published: PublishedEvent, snapshot: SeatMapSnapshot): RenderedMap {
  const { event, seatMap } = published;
  const body = {
    eventId: event.eventId,
    saleId: snapshot.saleId,
    version: snapshot.version,
    updatedAt: new Date(snapshot.updatedAtMs).toISOString(),
    legend: seatStateLegend,
    currency: event.currency,
    sections: seatMap.sections.map((section, index) => ({
      id: section.id,
      firstRow: section.firstRow,
      rows: section.rows,
      seatsPerRow: section.seatsPerRow,
      price: section.priceMinor,
      available: snapshot.sections[index]!.free,
      seats: snapshot.sections[index]!.seats,
    })),
  };
  return {
    json: Buffer.from(JSON.stringify(body)),
    bytes: Buffer.from(snapshot.sections.map((section) => section.seats).join(''), 'latin1'),
    etag: `"${snapshot.saleId}-${snapshot.version}"`,
  };
}

/** One second while on sale, ten otherwise; never kept past the opening second, when the map begins to change. */
export function cacheControlOf(sale: SaleWindow, nowMs: number): string {
  if (saleState(sale, nowMs) === 'on-sale') return 'public, max-age=1';
  const untilOpenSec = Math.floor((sale.opensAtMs - nowMs) / 1000);
  return `public, max-age=${nowMs < sale.opensAtMs ? Math.min(10, untilOpenSec) : 10}`;
}

function isFresh(ifNoneMatch: string | undefined, etag: string): boolean {
  return ifNoneMatch?.split(',').some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, ''))) ?? false;
}
