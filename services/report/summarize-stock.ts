import { bucketed } from './bucketed.ts';
import type { StockData, StockFacts } from './stock-data.ts';

/** The sums of a sale of unseated tickets; amounts in minor units. */
export interface StockTotals {
  readonly reservationsConfirmed: number;
  readonly reservationsCancelled: number;
  readonly buyers: number;
  readonly ticketsSold: number;
  readonly ticketsGivenBack: number;
  /** Of one buyer at the most. */
  readonly mostOfOneBuyer: number;
  readonly priceOfSoldMinor: number;
}

export interface StockSummary {
  readonly totals: StockTotals;
  /** Tickets over time: of bucket n, which begins n × `bucketMs` after `fromMs`. */
  readonly series: {
    readonly fromMs: number;
    readonly bucketMs: number;
    readonly taken: readonly number[];
    readonly givenBack: readonly number[];
  };
}

/** Sums a sale of unseated tickets up. Pure: who verifies a report computes the same from the same data. */
export function summarizeStock(facts: StockFacts, { reservations }: StockData): StockSummary {
  const confirmed = reservations.filter(({ status }) => status === 'CONFIRMED');
  const cancelled = reservations.filter(({ status }) => status === 'CANCELLED');
  const ofBuyer = ticketsByBuyer({ reservations });
  const ticketsSold = sum(confirmed);
  const { fromMs, bucketMs, counts } = bucketed(facts.opensAtMs, {
    taken: reservations.map(({ createdAtMs, quantity }) => ({ atMs: createdAtMs, quantity })),
    givenBack: cancelled.flatMap(({ cancelledAtMs, quantity }) =>
      cancelledAtMs === null ? [] : [{ atMs: cancelledAtMs, quantity }],
    ),
  });
  return {
    totals: {
      reservationsConfirmed: confirmed.length,
      reservationsCancelled: cancelled.length,
      buyers: ofBuyer.size,
      ticketsSold,
      ticketsGivenBack: sum(cancelled),
      mostOfOneBuyer: [...ofBuyer.values()].reduce((most, count) => Math.max(most, count), 0),
      priceOfSoldMinor: ticketsSold * facts.priceMinor,
    },
    series: { fromMs, bucketMs, ...counts },
  };
}

/** Tickets each buyer has now. */
export function ticketsByBuyer({ reservations }: StockData): Map<string, number> {
  const tickets = new Map<string, number>();
  for (const { buyer, quantity, status } of reservations) {
    if (status === 'CONFIRMED') tickets.set(buyer, (tickets.get(buyer) ?? 0) + quantity);
  }
  return tickets;
}

const sum = (reservations: StockData['reservations']) =>
  reservations.reduce((total, { quantity }) => total + quantity, 0);
