import { exchangesOf, type Exchange, type ExchangeOf } from '../history.ts';
import type { SeatDoubt, SeatStory } from './seat-story.ts';
import type { SeatedSale, World } from './world.ts';

/** A request whose answer never came may still be carried out by a service that was stopped and goes on. */
const strayMs = 60_000;
/** Rows are written this long before what they tell of is over, at the most. */
const rowLeadMs = 50;

/** Tells, for each seat of a sale, what happened to it: by the clients' word, and by the orders and tickets. */
export function seatStories(exchanges: readonly Exchange[], world: World, sale: SeatedSale): SeatStory[] {
  const stories = new Map<string, SeatStory>();
  const of = (seatId: string): SeatStory => {
    let story = stories.get(seatId);
    if (!story) {
      story = { saleId: sale.saleId, seatId, writes: [], refusals: [], doubts: [] };
      stories.set(seatId, story);
    }
    return story;
  };
  const doubt = (seatIds: readonly string[], entry: SeatDoubt) => {
    for (const seatId of seatIds) of(seatId).doubts.push(entry);
  };

  for (const hold of exchangesOf(exchanges, 'hold')) {
    if (hold.asked.eventId === sale.eventId) tellHold(hold, sale, of, doubt);
  }
  for (const { asked, answer, startMs, endMs } of exchangesOf(exchanges, 'release')) {
    if (asked.eventId !== sale.eventId) continue;
    const { userId: buyer, seatIds } = asked;
    if (answer.status === 200 && seatIds.length === 1) {
      if (answer.body['released'] === true) {
        of(seatIds[0]!).writes.push({ kind: 'release', buyer, startMs, endMs });
      }
    } else {
      // Of several seats `released` says only that one of them at least was.
      const untilMs = answer.status === 200 ? endMs : endMs + strayMs;
      doubt(seatIds, { kind: 'may-end', buyer, fromMs: startMs, untilMs });
    }
  }
  tellOrders(world, sale, of, doubt);
  tellLosses(world, stories.values());
  return [...stories.values()].filter(
    ({ saleId, seatId }) => !world.tamperedSeats.has(`${saleId} ${seatId}`),
  );
}

function tellHold(
  { asked, answer, startMs, endMs }: ExchangeOf<'hold'>,
  sale: SeatedSale,
  of: (seatId: string) => SeatStory,
  doubt: (seatIds: readonly string[], entry: SeatDoubt) => void,
): void {
  const { userId: buyer } = asked;
  if (answer.status === 200) {
    const { holdId, expiresAt, seatIds } = answer.body as {
      holdId: string;
      expiresAt: string;
      seatIds: string[];
    };
    for (const seatId of seatIds) {
      of(seatId).writes.push({
        kind: 'hold',
        buyer,
        holdId,
        expiresAtMs: Date.parse(expiresAt),
        startMs,
        endMs,
      });
    }
    return;
  }
  if (answer.status === 'unknown' || answer.status >= 500) {
    const seatIds = asked.seatIds ?? seatsOfSection(sale, asked.section!);
    const untilMs = endMs + sale.holdTtlMs + (answer.status === 'unknown' ? strayMs : 0);
    doubt(seatIds, { kind: 'may-hold', buyer, fromMs: startMs, untilMs });
    return;
  }
  const isTaken = answer.body['error'] === 'seat_already_held_or_sold';
  if (isTaken && asked.seatIds?.length === 1) {
    of(asked.seatIds[0]!).refusals.push({ kind: 'refusal', buyer, startMs, endMs });
  }
}

function tellOrders(
  world: World,
  sale: SeatedSale,
  of: (seatId: string) => SeatStory,
  doubt: (seatIds: readonly string[], entry: SeatDoubt) => void,
): void {
  const intents = new Map(world.intents.map((intent) => [intent.intentId, intent]));
  const orders = new Map(world.orders.map((order) => [order.orderId, order]));
  for (const ticket of world.tickets) {
    const order = orders.get(ticket.orderId);
    if (ticket.saleId !== sale.saleId || !order) continue;
    const { userId: buyer, orderId } = order;
    const story = of(ticket.seatId);
    // The capture alone commits, as soon as there is an intent and a hold.
    const startMs = (intents.get(order.intentId)?.createdAtMs ?? order.createdAtMs) - rowLeadMs;
    story.writes.push({ kind: 'sell', buyer, orderId, startMs, endMs: order.begunAtMs ?? ticket.issuedAtMs });
    if (ticket.cancelledAtMs === null) continue;
    const endMs = Number.POSITIVE_INFINITY;
    story.writes.push({ kind: 'return', buyer, orderId, startMs: ticket.cancelledAtMs - rowLeadMs, endMs });
  }
  for (const order of world.orders) {
    // Its seats may have been committing for a while, and free from then on.
    if (order.alone || order.saleId !== sale.saleId || order.status !== 'REJECTED') continue;
    const span = {
      buyer: order.userId,
      fromMs: order.createdAtMs - rowLeadMs,
      untilMs: Number.POSITIVE_INFINITY,
    };
    doubt(order.seatIds, { kind: 'may-end', ...span });
    doubt(order.seatIds, { kind: 'may-block', ...span });
  }
}

/** Redis restored from lock items may hold what was released just before, until it lapses. */
function tellLosses({ redisLosses }: World, stories: Iterable<SeatStory>): void {
  for (const story of stories) {
    for (const { fromMs } of redisLosses) {
      const expiries = story.writes.flatMap((write) => {
        return write.kind === 'hold' && write.startMs <= fromMs + strayMs && write.expiresAtMs >= fromMs
          ? [write.expiresAtMs]
          : [];
      });
      if (expiries.length === 0) continue;
      const untilMs = Math.max(...expiries);
      story.doubts.push({ kind: 'may-block', buyer: '', fromMs, untilMs });
    }
  }
}

function seatsOfSection(sale: SeatedSale, sectionId: string): string[] {
  const section = sale.sections.find(({ id }) => id === sectionId);
  return section ? Array.from({ length: section.seatCount }, (_, index) => seatIdOf(section, index)) : [];
}

/** Names a seat by its section and place in it: rows number on through the sections. */
export function seatIdOf(
  section: { readonly firstRow: number; readonly seatsPerRow: number },
  seatIndex: number,
): string {
  const row = section.firstRow + Math.floor(seatIndex / section.seatsPerRow);
  return `R${row}C${(seatIndex % section.seatsPerRow) + 1}`;
}
