import { exchangesOf, type Exchange } from '../history.ts';
import { seatIdOf } from './seat-stories.ts';
import type { SeatedSale, World } from './world.ts';
import { at, type Violation } from './violation.ts';

/** Redis says what PostgreSQL says once it is quiet, and again when it was restored; counts and seats always agree. */
export function checkProjection(exchanges: readonly Exchange[], world: World): Violation[] {
  return [
    ...world.sales.flatMap((sale) => checkSale(sale, world, 'when quiet')),
    ...world.restoredSales.flatMap((sale) => checkSale(sale, world, 'restored')),
    ...checkMaps(exchanges),
  ];
}

function checkSale(sale: SeatedSale, world: World, when: string): Violation[] {
  const violations: Violation[] = [];
  const wrong = (message: string) => {
    violations.push({ invariant: 4, message: `${sale.saleId} ${when}: ${message}` });
  };
  const sold = new Map(
    world.tickets
      .filter(({ saleId, status }) => saleId === sale.saleId && status === 'VALID')
      .map((ticket) => [ticket.seatId, ticket]),
  );
  for (const section of sale.sections) {
    const { id, seats, counts, seatCount } = section;
    if (seats?.length !== seatCount) {
      wrong(
        `section ${id} has ${seats === undefined ? 'no seats' : `${seats.length} of ${seatCount} seats`}`,
      );
      continue;
    }
    const counted = { free: 0, held: 0, sold: 0, blocked: 0 };
    const stateOf = { f: 'free', h: 'held', s: 'sold', b: 'blocked' } as const;
    [...seats].forEach((letter, seatIndex) => {
      const state = stateOf[letter as keyof typeof stateOf];
      counted[state]++;
      const seatId = seatIdOf(section, seatIndex);
      const ticket = sold.get(seatId);
      if (state === 'sold' ? ticket : state === 'free' && !ticket) return;
      const truth = ticket ? `sold by order ${ticket.orderId}` : 'free';
      wrong(`seat ${seatId} is ${state} in Redis and ${truth} in PostgreSQL`);
    });
    if (JSON.stringify(counted) !== JSON.stringify(counts)) {
      wrong(`section ${id} counts ${JSON.stringify(counts)} and has ${JSON.stringify(counted)}`);
    }
    for (const hold of section.openHolds) wrong(`section ${id} still has the hold ${hold}`);
  }
  return violations;
}

function checkMaps(exchanges: readonly Exchange[]): Violation[] {
  const violations: Violation[] = [];
  for (const { asked, answer, endMs } of exchangesOf(exchanges, 'seats')) {
    if (answer.status !== 200) continue;
    const sections = answer.body['sections'] as {
      id: string;
      rows: number;
      seatsPerRow: number;
      available: number;
      seats: string;
    }[];
    for (const { id, rows, seatsPerRow, available, seats } of sections) {
      const free = seats.split('f').length - 1;
      if (seats.length === rows * seatsPerRow && free === available && /^[fhsb]*$/.test(seats)) continue;
      violations.push({
        invariant: 4,
        message: `${asked.eventId}: the map of ${at(endMs)} shows ${free} free of ${seats.length} seats in section ${id}, and says ${available} of ${rows * seatsPerRow}`,
      });
    }
  }
  return violations;
}
