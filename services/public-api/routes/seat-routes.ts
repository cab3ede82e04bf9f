import { seatsRoute, seatStateLegend, summaryRoute } from '@onsale/contracts/http/public-routes';
import type { EventCatalogue, PublishedEvent } from '@onsale/contracts/sale/published-event';
import { currentSale, saleState, type SaleWindow } from '@onsale/contracts/sale/sale-window';
import type { SeatInventory, SeatMapSnapshot } from '@onsale/inventory/seat-inventory';
import type { Clock } from '@onsale/platform/clock';
import { ApiError } from '@onsale/platform/http/api-error';
import { registerRoute, type HttpApp } from '@onsale/platform/http/register-route';
import { requireSeatedEvent } from './require-seated-event.ts';

export interface SeatRoutesDeps {
  readonly catalogue: Pick<EventCatalogue, 'find'>;
  readonly inventory: Pick<SeatInventory, 'readSummary' | 'readSeatMap'>;
  readonly clock: Pick<Clock, 'nowMs'>;
}

const onSaleMaxAgeSec = 1;
const otherwiseMaxAgeSec = 10;
const bytesType = 'application/octet-stream';

/** A seat map as it goes out, made once for all buyers of a version. */
interface Representations {
  readonly json: Buffer;
  readonly bytes: Buffer;
}

/** Serves the seat map and the sections' counts. */
export function registerSeatRoutes(app: HttpApp, { catalogue, inventory, clock }: SeatRoutesDeps): void {
  const made = new WeakMap<SeatMapSnapshot, Representations>();
  const represent = (published: PublishedEvent, snapshot: SeatMapSnapshot): Representations => {
    let ready = made.get(snapshot);
    if (!ready) {
      ready = {
        json: Buffer.from(JSON.stringify(seatMapBody(published, snapshot))),
        bytes: Buffer.from(snapshot.sections.map((section) => section.seats).join(''), 'latin1'),
      };
      made.set(snapshot, ready);
    }
    return ready;
  };

  registerRoute(app, summaryRoute, async (request, reply) => {
    const published = await requireSeatedEvent(catalogue, request.params.event);
    const sectionIndex = published.seatMap.sectionIndex(request.params.section);
    if (sectionIndex === undefined) {
      throw new ApiError('not_found', `${published.event.eventId} has no section ${request.params.section}`);
    }
    const sale = currentSale(published.event, clock.nowMs());
    const summary = await inventory.readSummary(published, sale.saleId, sectionIndex);
    return await reply.header('cache-control', cacheControl(sale, clock.nowMs())).send({
      event: request.params.event,
      section: request.params.section,
      seatsAvailable: summary.free,
      updatedAt: new Date(summary.updatedAtMs).toISOString(),
    });
  });

  // The bytes are those of the sections' `seats`, section after section in the order of the JSON; version and sale travel as
  // headers. Each representation has a strong ETag of its own.
  registerRoute(app, seatsRoute, async (request, reply) => {
    const published = await requireSeatedEvent(catalogue, request.params.eventId);
    const sale = currentSale(published.event, clock.nowMs());
    const snapshot = await inventory.readSeatMap(published, sale.saleId);
    const wantsBytes = request.headers.accept?.includes(bytesType) ?? false;
    const etag = `"${snapshot.version}${wantsBytes ? '-b' : ''}"`;
    void reply
      .header('etag', etag)
      .header('vary', 'accept')
      .header('x-onsale-sale', sale.saleId)
      .header('x-onsale-version', snapshot.version)
      .header('cache-control', cacheControl(sale, clock.nowMs()));
    // The schema lists answers with a body only.
    if (matches(request.headers['if-none-match'], etag))
      return await reply.code(304 as 200).send('' as never);
    const { json, bytes } = represent(published, snapshot);
    return await reply
      .type(wantsBytes ? bytesType : 'application/json; charset=utf-8')
      // Made once for all buyers: the schema's serializer has nothing left to do.
      .send((wantsBytes ? bytes : json) as never);
  });
}

/** Public and short, and never past the opening second: whoever asks then must not see the map from before. */
function cacheControl(sale: SaleWindow, nowMs: number): string {
  const state = saleState(sale, nowMs);
  const maxAgeSec =
    state === 'on-sale'
      ? onSaleMaxAgeSec
      : nowMs < sale.opensAtMs
        ? Math.min(otherwiseMaxAgeSec, Math.floor((sale.opensAtMs - nowMs) / 1000))
        : otherwiseMaxAgeSec;
  return `public, max-age=${maxAgeSec}`;
}

/** Whether If-None-Match names this ETag (RFC 9110, section 13.1.2: compared weakly; a CDN may have weakened it). */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch
    .split(',')
    .map((one) => one.trim().replace(/^W\//, ''))
    .some((one) => one === etag || one === '*');
}

function seatMapBody({ event, seatMap }: PublishedEvent, snapshot: SeatMapSnapshot) {
  return {
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
      ...(section.wheelchairSpaces ? { wheelchairSpaces: [...section.wheelchairSpaces] } : {}),
    })),
  };
}
