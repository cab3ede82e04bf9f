import { setTimeout as delay } from 'node:timers/promises';
import type { StockSale } from './checker/world.ts';
import type { SeatedSetup } from './read-world.ts';
import type { Offer } from './shopper.ts';

/** How long each sale is open: buyers see rooms, openings and closings, and there are always seats left to fight for. */
const openForMs = 20_000;
/** Buyers come for the next sale this long before it opens. */
const earlyMs = 1500;
const perBuyer = 4;
const holdTtlMs = 4000;
const shape = { sections: ['A', 'B', 'C'], rows: 2, seatsPerRow: 8 };
/** Published early enough for a busy machine. */
const leadMs = 2000;

/** The sales of a run, one after the other, a sale of unseated tickets beside them, and one to measure in. */
export interface PublishedSales {
  readonly seated: readonly SeatedSetup[];
  readonly crowd: StockSale | undefined;
  readonly measured: Offer | undefined;
  /** The event buyers come for so long after the load began. */
  offerAt(sinceStartMs: number): Offer;
  /** Resolves when the first buyers may come. */
  opening(): Promise<void>;
}

/** Publishes the events of a run. */
export async function publishSales(
  publish: (document: unknown) => Promise<unknown>,
  run: { readonly seed: string; readonly lengthMs: number; readonly unloaded: number },
): Promise<PublishedSales> {
  const name = run.seed.toLowerCase().replaceAll(/[^a-z0-9]+/g, '');
  const firstOpensAtMs = Date.now() + leadMs;
  const endlessMs = Date.now() + run.lengthMs + 3_600_000;
  const document = (eventId: string, opensAtMs: number, closesAtMs: number, stock: object) => ({
    apiVersion: 'onsale.dev/v1alpha1',
    kind: 'TicketEvent',
    metadata: { name: eventId },
    spec: {
      eventId,
      title: 'A concert',
      homeRegion: 'local',
      startsAt: new Date(Date.now() + 30 * 86_400_000).toISOString(),
      sale: { opensAt: new Date(opensAtMs).toISOString(), closesAt: new Date(closesAtMs).toISOString() },
      limits: { perBuyer, holdTtl: `${holdTtlMs / 1000}s` },
      waitingRoom: { ratePerSecond: 200, maxActive: 10_000 },
      ...stock,
    },
  });
  const publishSeated = async (eventId: string, opensAtMs: number, closesAtMs: number, rows: number) => {
    const sections = shape.sections.map((id) => ({ id, rows, seatsPerRow: shape.seatsPerRow, price: 1000 }));
    await publish(document(eventId, opensAtMs, closesAtMs, { venue: { currency: 'KRW', sections } }));
    const placed = sections.map(({ id, seatsPerRow }, index) => {
      return { id, firstRow: 1 + index * rows, seatsPerRow, seatCount: rows * seatsPerRow };
    });
    const saleId = `${eventId}.0`;
    return { eventId, saleId, perBuyer, holdTtlMs, opensAtMs, closesAtMs, sections: placed };
  };

  const seated: SeatedSetup[] = [];
  const count = Math.ceil(run.lengthMs / openForMs);
  for (let index = 0; index < count; index++) {
    const opensAtMs = firstOpensAtMs + index * openForMs;
    // Each is still open for a while when buyers already come for the next.
    seated.push(
      await publishSeated(
        `show-${name}-${index}`,
        opensAtMs,
        opensAtMs + openForMs + 2 * earlyMs,
        shape.rows,
      ),
    );
  }
  const crowd = { eventId: `crowd-${name}`, saleId: `crowd-${name}.0`, capacity: 200, perBuyer };
  await publish(
    document(crowd.eventId, Date.now() - 1000, endlessMs, {
      generalAdmission: { capacity: crowd.capacity, price: 500 },
    }),
  );
  let measured: SeatedSetup | undefined;
  if (run.unloaded > 0) {
    const rows = Math.ceil((run.unloaded + 1) / (shape.sections.length * shape.seatsPerRow));
    measured = await publishSeated(`calm-${name}`, Date.now() - 1000, endlessMs, rows);
    seated.push(measured);
  }
  const offers = seated.map((sale) => offerOf(sale));
  return {
    seated,
    crowd,
    measured: measured && offerOf(measured),
    offerAt: (sinceStartMs) => offers[Math.min(count - 1, Math.floor((sinceStartMs + earlyMs) / openForMs))]!,
    opening: () => delay(Math.max(0, firstOpensAtMs - earlyMs - Date.now())),
  };
}

function offerOf({ eventId, sections }: SeatedSetup): Offer {
  return {
    eventId,
    sections: sections.map(({ id, firstRow, seatsPerRow, seatCount }) => ({
      id,
      seatIds: Array.from({ length: seatCount }, (_, seat) => {
        return `R${firstRow + Math.floor(seat / seatsPerRow)}C${(seat % seatsPerRow) + 1}`;
      }),
    })),
  };
}
