import { setTimeout as delay } from 'node:timers/promises';
import type { StockSale } from './checker/world.ts';
import type { SeatedSetup } from './read-world.ts';
import type { Offer } from './shopper.ts';

/** The seated sales of a run. */
export interface SalesShape {
  readonly openForMs: number;
  readonly rows: number;
}

/** One small sale after the other: buyers see rooms, openings and closings, and there are always seats left to fight for. */
export const smallSales: SalesShape = { openForMs: 20_000, rows: 2 };
/** One that neither ends nor sells out: what buyers get done in a second is then the same whenever nothing is wrong. */
export const steadySale: SalesShape = { openForMs: Number.POSITIVE_INFINITY, rows: 200 };

/** Buyers come for the next sale this long before it opens. */
const earlyMs = 1500;
const perBuyer = 4;
const holdTtlMs = 4000;
const sectionIds = ['A', 'B', 'C'];
const seatsPerRow = 8;
/** Published early enough for a busy machine. */
const leadMs = 2000;
const hourMs = 3_600_000;

type Publish = (document: unknown) => Promise<unknown>;

/** The sales of a run: one after the other, and beside them one of unseated tickets. */
export interface PublishedSales {
  readonly seated: readonly SeatedSetup[];
  readonly crowd: StockSale;
  /** The event buyers come for so long after the load began. */
  offerAt(sinceStartMs: number): Offer;
  /** Resolves when the first buyers may come. */
  opening(): Promise<void>;
}

/** Publishes the sales of a load that begins soon and lasts `lengthMs`. */
export async function publishSales(
  publish: Publish,
  name: string,
  lengthMs: number,
  { openForMs, rows }: SalesShape,
): Promise<PublishedSales> {
  const firstOpensAtMs = Date.now() + leadMs;
  const seated: SeatedSetup[] = [];
  const count = Math.max(1, Math.ceil(lengthMs / openForMs));
  for (let index = 0; index < count; index++) {
    const opensAtMs = firstOpensAtMs + (index === 0 ? 0 : index * openForMs);
    // Each is still open for a while when buyers already come for the next; the last as long as faults take.
    const closesAtMs = opensAtMs + (index === count - 1 ? hourMs : openForMs + 2 * earlyMs);
    const seats = { opensAtMs, closesAtMs, rows };
    seated.push(await publishSeated(publish, `show-${name}-${index}`, seats));
  }
  const crowd = { eventId: `crowd-${name}`, saleId: `crowd-${name}.0`, capacity: 200, perBuyer };
  const stock = { generalAdmission: { capacity: crowd.capacity, price: 500 } };
  await publish(documentOf(crowd.eventId, Date.now() - 1000, firstOpensAtMs + lengthMs + hourMs, stock));
  const offers = seated.map(offerOf);
  return {
    ...{ seated, crowd },
    offerAt: (sinceStartMs) => offers[Math.min(count - 1, Math.floor(sinceStartMs / openForMs))]!,
    opening: () => delay(Math.max(0, firstOpensAtMs - earlyMs - Date.now())),
  };
}

/** Publishes a sale that is open at once and has at least so many seats. */
export async function publishOpenSale(
  publish: Publish,
  name: string,
  seatCount: number,
): Promise<SeatedSetup> {
  const rows = Math.ceil(seatCount / (sectionIds.length * seatsPerRow));
  const nowMs = Date.now();
  return publishSeated(publish, name, { opensAtMs: nowMs - 1000, closesAtMs: nowMs + hourMs, rows });
}

async function publishSeated(
  publish: Publish,
  eventId: string,
  { opensAtMs, closesAtMs, rows }: { opensAtMs: number; closesAtMs: number; rows: number },
): Promise<SeatedSetup> {
  const sections = sectionIds.map((id) => ({ id, rows, seatsPerRow, price: 1000 }));
  await publish(documentOf(eventId, opensAtMs, closesAtMs, { venue: { currency: 'KRW', sections } }));
  const placed = sectionIds.map((id, index) => {
    return { id, firstRow: 1 + index * rows, seatsPerRow, seatCount: rows * seatsPerRow };
  });
  return { eventId, saleId: `${eventId}.0`, perBuyer, holdTtlMs, opensAtMs, closesAtMs, sections: placed };
}

function documentOf(eventId: string, opensAtMs: number, closesAtMs: number, stock: object) {
  return {
    apiVersion: 'onsale.dev/v1alpha1',
    kind: 'TicketEvent',
    metadata: { name: eventId },
    spec: {
      eventId,
      title: 'A concert',
      homeRegion: 'local',
      startsAt: new Date(Date.now() + 720 * hourMs).toISOString(),
      sale: { opensAt: new Date(opensAtMs).toISOString(), closesAt: new Date(closesAtMs).toISOString() },
      limits: { perBuyer, holdTtl: `${holdTtlMs / 1000}s` },
      waitingRoom: { ratePerSecond: 200, maxActive: 10_000 },
      ...stock,
    },
  };
}

/** What buyers know of a sale. */
export function offerOf({ eventId, sections }: SeatedSetup): Offer {
  return {
    eventId,
    sections: sections.map((section) => ({
      id: section.id,
      seatIds: Array.from({ length: section.seatCount }, (_, seat) => {
        return `R${section.firstRow + Math.floor(seat / section.seatsPerRow)}C${(seat % section.seatsPerRow) + 1}`;
      }),
    })),
  };
}
