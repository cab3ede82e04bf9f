import { askRoomStatus, type Buyer, capture, commit, enter, hold, makeIntent, newBuyers } from './buyers.ts';
import { type Lab, until } from './lab.ts';
import { seatCount, type Venue } from './venue.ts';

/** An event on sale, whose seats are handed out one after the other. */
export interface Sale {
  readonly eventId: string;
  readonly venue: Venue;
  /** Buyers with a seat each that nobody has asked for yet. */
  take(count: number): Buyer[];
}

/** Rooms of 500,000 seats in 200 sections: no row uses up one. */
const large: Venue = { sections: 200, rows: 25, seatsPerRow: 100 };

/** A row may be opened twice in a run; an event that is published does not change. */
let published = 0;

const sales = new WeakMap<Lab, Promise<Sale>>();

/** The sale that rows buy from: on sale, everybody admitted, published at the first call. */
export function openSale(lab: Lab): Promise<Sale> {
  let sale = sales.get(lab);
  if (!sale) {
    sale = publishSale(lab, 'bench-large', large);
    sales.set(lab, sale);
  }
  return sale;
}

export async function publishSale(lab: Lab, name: string, venue: Venue): Promise<Sale> {
  const eventId = `${name}-${++published}`;
  await lab.publish({ eventId, venue, opensAtMs: Date.now() - 10_000, ratePerSecond: 100_000 });
  let next = 0;
  const take = (count: number) => {
    if (next + count > seatCount(venue)) throw new Error(`${eventId} has no ${count} seats left`);
    next += count;
    return newBuyers(eventId, venue, next - count, count);
  };
  // Every process reads a new event within a second; the first hold also waits for the seats to be there.
  const [first] = take(1);
  // One after the other: who holds a seat already is refused another hold of it.
  for (const [what, step] of [
    ['place', enter],
    ['hold', hold],
    ['intent', makeIntent],
  ] as const) {
    await untilAnswered(`the first ${what} of ${eventId}`, () => step(lab, [first!]));
  }
  return { eventId, venue, take };
}

async function untilAnswered(what: string, ask: () => Promise<unknown>): Promise<void> {
  let problem: unknown;
  const answers = async () => {
    try {
      await ask();
      return true;
    } catch (error) {
      problem = error;
      return false;
    }
  };
  await until(what, answers).catch((error: unknown) => {
    throw new Error((error as Error).message, { cause: problem });
  });
}

/** Buyers who hold their seats. */
export async function holders(lab: Lab, sale: Sale, count: number): Promise<Buyer[]> {
  const buyers = sale.take(count);
  await enter(lab, buyers);
  await hold(lab, buyers);
  return buyers;
}

/** Buyers who hold their seats and have said what they will pay. */
export async function payers(lab: Lab, sale: Sale, count: number): Promise<Buyer[]> {
  const buyers = await holders(lab, sale, count);
  await makeIntent(lab, buyers);
  return buyers;
}

/** Keeps what is queued from the worker: it has the same core as the server under test. */
export async function closeQueue(lab: Lab): Promise<void> {
  await lab.stub.tell({ order: 'gate', queue: lab.commitQueue, open: false });
}

/** Commits and captures, with the queue's gate closed: what is left is the worker's. */
export async function queueOrders(lab: Lab, buyers: readonly Buyer[]): Promise<void> {
  await closeQueue(lab);
  await commit(lab, buyers);
  await capture(lab, buyers);
}

/** Lets the worker have what is queued and resolves when all of it is done with. */
export async function workQueue(lab: Lab): Promise<void> {
  await lab.stub.tell({ order: 'gate', queue: lab.commitQueue, open: true });
  await until('the queue to be empty', async () => {
    const { waiting, underWay } = await lab.stub.tell({ order: 'count', queue: lab.commitQueue });
    return waiting + underWay === 0;
  });
}

/** Buyers in a drawn room, whose turn is hours away. */
export async function waitingBuyers(lab: Lab, count: number): Promise<Buyer[]> {
  const eventId = `bench-waiting-${++published}`;
  const venue = { sections: 1, rows: 1, seatsPerRow: 1 };
  const opensAtMs = Date.now() + 8000;
  await lab.publish({ eventId, venue, opensAtMs, ratePerSecond: 1 });
  const buyers = newBuyers(eventId, { ...venue, rows: count }, 0, count);
  await untilAnswered(`the first place in ${eventId}`, () => enter(lab, buyers.slice(0, 1)));
  await enter(lab, buyers.slice(1));
  await until('the draw', async () => {
    if (Date.now() < opensAtMs + 1500) return false;
    await askRoomStatus(lab, buyers.slice(0, 1));
    return true;
  });
  // Each place is looked up once; a buyer polls many times.
  await askRoomStatus(lab, buyers);
  return buyers;
}
