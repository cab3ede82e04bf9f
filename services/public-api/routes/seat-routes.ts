import { seatsRoute, seatStateLegend, summaryRoute } from '@onsale/contracts/http/public-routes';
import type { IncomingHttpHeaders } from 'node:http';
import { constants, gzipSync } from 'node:zlib';
import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import { currentSale, saleState, type SaleWindow } from '@onsale/contracts/sale/sale-window';
import type { SeatInventory, SeatMapSnapshot, SectionSummary } from '@onsale/inventory/seat-inventory';
import type { Catalogue } from '@onsale/orders/catalogue/create-catalogue';
import type { Clock } from '@onsale/platform/clock';
import { ApiError } from '@onsale/platform/http/api-error';
import { type AddFastRoute, type ReadyAnswer, sendReady } from '@onsale/platform/http/fast-path';
import { registerRoute, type HttpApp } from '@onsale/platform/http/register-route';
import { requireSeatedEvent } from './require-seated-event.ts';

export interface SeatRoutesDeps {
  readonly catalogue: Pick<Catalogue, 'find' | 'known'>;
  readonly inventory: Pick<SeatInventory, 'readSummary' | 'readSeatMap' | 'knownSummary' | 'knownSeatMap'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly addFastRoute?: AddFastRoute;
}

const onSaleMaxAgeSec = 1;
const otherwiseMaxAgeSec = 10;
const bytesType = 'application/octet-stream';
const jsonType = 'application/json; charset=utf-8';
/** Characters of a body worth copying to spare a second write. */
const longestJoined = 8192;

/** Seats from which on a map is compressed for those who take it: writing 50,000 bytes costs more than all else about a request. */
const leastCompressed = 8192;
/** The page's key in a CDN's cache; what is sent goes by the Accept header. */
const pageQuery = '?as=bytes';

/** A seat map as it goes out, each form made once for all buyers of a version. */
interface Representations {
  readonly json: string | Buffer;
  readonly bytes: Buffer;
  jsonGzip?: Buffer;
  bytesGzip?: Buffer;
}

/** Serves the seat map and the sections' counts. */
export function registerSeatRoutes(app: HttpApp, deps: SeatRoutesDeps): void {
  const { catalogue, inventory, clock, addFastRoute = () => undefined } = deps;
  const saleOf = ({ event }: PublishedEvent) => currentSale(event, clock.nowMs());
  const made = new WeakMap<SeatMapSnapshot, Representations>();
  const represent = (published: PublishedEvent, snapshot: SeatMapSnapshot): Representations => {
    let ready = made.get(snapshot);
    if (!ready) {
      const json = JSON.stringify(seatMapBody(published, snapshot));
      ready = {
        // A short text leaves in one write with its head; a long one is not copied for it.
        json: json.length <= longestJoined ? json : Buffer.from(json),
        bytes: Buffer.from(snapshot.sections.map((section) => section.seats).join(''), 'latin1'),
      };
      made.set(snapshot, ready);
    }
    return ready;
  };

  const counted = new WeakMap<SectionSummary, string>();
  const countOf = (
    { event, seatMap }: PublishedEvent,
    sectionIndex: number,
    sale: SaleWindow,
    summary: SectionSummary,
  ): ReadyAnswer => {
    let body = counted.get(summary);
    if (!body) {
      body = JSON.stringify({
        event: event.eventId,
        section: seatMap.sections[sectionIndex]!.id,
        seatsAvailable: summary.free,
        updatedAt: new Date(summary.updatedAtMs).toISOString(),
      });
      counted.set(summary, body);
    }
    const headers = ['cache-control', cacheControl(sale, clock.nowMs()), 'content-type', jsonType];
    return { status: 200, headers, body };
  };
  registerRoute(app, summaryRoute, async ({ params }, reply) => {
    const published = requireSeatedEvent(params.event, await catalogue.find(params.event));
    const sectionIndex = published.seatMap.sectionIndex(params.section);
    if (sectionIndex === undefined) {
      throw new ApiError('not_found', `${published.event.eventId} has no section ${params.section}`);
    }
    const sale = saleOf(published);
    const summary = await inventory.readSummary(published, sale.saleId, sectionIndex);
    return await sendReady(reply, countOf(published, sectionIndex, sale, summary));
  });
  const summaryPrefix = '/public/summary/';
  addFastRoute({
    route: summaryRoute,
    prefix: summaryPrefix,
    find(_request, url) {
      const slash = url.indexOf('/', summaryPrefix.length);
      const published = catalogue.known(url.slice(summaryPrefix.length, slash));
      const sectionIndex = published?.seatMap.sectionIndex(url.slice(slash + 1));
      if (!published || sectionIndex === undefined) return undefined;
      const sale = saleOf(published);
      const summary = inventory.knownSummary(sale.saleId, sectionIndex);
      return summary && countOf(published, sectionIndex, sale, summary);
    },
  });

  // The bytes are those of the sections' `seats`, section after section in the order of the JSON; version and sale travel as
  // headers. Each representation has a strong ETag of its own.
  const mapOf = (
    published: PublishedEvent,
    sale: SaleWindow,
    snapshot: SeatMapSnapshot,
    asked: IncomingHttpHeaders,
  ): ReadyAnswer => {
    const wantsBytes = asked.accept?.includes(bytesType) ?? false;
    const isLarge = published.seatMap.seatCount >= leastCompressed;
    const isCompressed = isLarge && takesGzip(asked['accept-encoding']);
    const etag = `"${snapshot.version}${wantsBytes ? '-b' : ''}${isCompressed ? '-gz' : ''}"`;
    const headers = [
      ...['etag', etag, 'vary', isLarge ? 'accept, accept-encoding' : 'accept'],
      ...['x-onsale-sale', sale.saleId, 'x-onsale-version', snapshot.version],
      ...['cache-control', cacheControl(sale, clock.nowMs())],
    ];
    if (matches(asked['if-none-match'], etag)) return { status: 304, headers };
    // Made once for all buyers: a schema's serializer has nothing left to do.
    const ready = represent(published, snapshot);
    headers.push('content-type', wantsBytes ? bytesType : jsonType);
    if (!isCompressed) return { status: 200, headers, body: wantsBytes ? ready.bytes : ready.json };
    headers.push('content-encoding', 'gzip');
    const body = wantsBytes
      ? (ready.bytesGzip ??= compress(ready.bytes))
      : (ready.jsonGzip ??= compress(ready.json));
    return { status: 200, headers, body };
  };
  registerRoute(app, seatsRoute, async (request, reply) => {
    const { eventId } = request.params;
    const published = requireSeatedEvent(eventId, await catalogue.find(eventId));
    const sale = saleOf(published);
    const snapshot = await inventory.readSeatMap(published, sale.saleId);
    return await sendReady(reply, mapOf(published, sale, snapshot, request.headers));
  });
  const seatsPrefix = '/public/seats/';
  addFastRoute({
    route: seatsRoute,
    prefix: seatsPrefix,
    find({ headers }, url) {
      const end = url.endsWith(pageQuery) ? -pageQuery.length : undefined;
      const published = catalogue.known(url.slice(seatsPrefix.length, end));
      if (!published) return undefined;
      const sale = saleOf(published);
      const snapshot = inventory.knownSeatMap(sale.saleId);
      return snapshot && mapOf(published, sale, snapshot, headers);
    },
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

/** Fast rather than small: there is a new version every second, and a CDN compresses it again as its readers like it. */
const compress = (body: string | Buffer): Buffer => gzipSync(body, { level: constants.Z_BEST_SPEED });

/** Whether Accept-Encoding takes gzip: named, and not with a weight of nothing. */
function takesGzip(acceptEncoding: string | string[] | undefined): boolean {
  return acceptEncoding !== undefined && /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(String(acceptEncoding));
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
