import type { CheckResult } from './check-result.ts';
import type { StockData, StockFacts } from './stock-data.ts';
import { ticketsByBuyer } from './summarize-stock.ts';

/** 0 ≤ sold ≤ capacity, and the stock's own count is what the reservations add up to. */
export function checkStock({ capacity, stockSold }: StockFacts, { reservations }: StockData): CheckResult {
  const sold = reservations.reduce(
    (total, { status, quantity }) => total + (status === 'CONFIRMED' ? quantity : 0),
    0,
  );
  const differences: string[] = [];
  if (sold > capacity) differences.push(`${sold} tickets of ${capacity} are sold`);
  if (sold !== stockSold) differences.push(`the stock counts ${stockSold} sold, the reservations ${sold}`);
  return { looked: `${sold} of ${capacity} tickets`, differences };
}

/** A reservation is there once, is of at least one ticket, and says when it was given back just when it was. */
export function checkReservations({ reservations }: StockData): CheckResult {
  const seen = new Set<number>();
  const differences: string[] = [];
  for (const { id, quantity, status, createdAtMs, cancelledAtMs } of reservations) {
    if (seen.has(id)) differences.push(`reservation ${id} is there twice`);
    seen.add(id);
    if (!(quantity >= 1)) differences.push(`reservation ${id} is of ${quantity} tickets`);
    if ((status === 'CANCELLED') !== (cancelledAtMs !== null)) {
      differences.push(`reservation ${id} is ${status}, given back ${cancelledAtMs ?? 'never'}`);
    }
    if (cancelledAtMs !== null && cancelledAtMs < createdAtMs) {
      differences.push(`reservation ${id} was given back before it was made`);
    }
  }
  return { looked: `${reservations.length} reservations`, differences };
}

/** By the limit as it was when the report was written; one lowered during the sale shows here. */
export function checkLimit({ perBuyer }: StockFacts, data: StockData): CheckResult {
  const buyers = ticketsByBuyer(data);
  if (perBuyer === null) return { looked: 'no limit', differences: [] };
  const differences = [...buyers]
    .filter(([, tickets]) => tickets > perBuyer)
    .map(([buyer, tickets]) => `buyer ${buyer} has ${tickets} tickets, the limit is ${perBuyer}`);
  return { looked: `${buyers.size} buyers`, differences };
}

/** Redis tells when a sale is open, PostgreSQL when a reservation was written: two clocks. */
const clocksApartMs = 1000;

/** Nobody took tickets before the opening or after the closing. */
export function checkWindow({ opensAtMs, closesAtMs }: StockFacts, { reservations }: StockData): CheckResult {
  const differences = reservations
    .filter(
      ({ createdAtMs }) =>
        createdAtMs < opensAtMs - clocksApartMs || createdAtMs > closesAtMs + clocksApartMs,
    )
    .map(({ id, createdAtMs }) => `reservation ${id} was made ${new Date(createdAtMs).toISOString()}`);
  return { looked: `${reservations.length} reservations`, differences };
}
