import { reachedAtMs, servingNumber } from '@onsale/waiting-room/serving';
import { bucketed } from './bucketed.ts';
import type { ReportData, SaleFacts } from './report-data.ts';

/** The sums of a sale; amounts in minor units. */
export interface Totals {
  readonly placesKept: number;
  /** The highest place admitted while the sale was open; −1 when none was. */
  readonly servingNumber: number;
  readonly admitted: number;
  readonly orders: Readonly<Record<string, number>>;
  readonly ticketsValid: number;
  readonly ticketsCancelled: number;
  readonly ticketsEntered: number;
  readonly payments: number;
  readonly capturedMinor: number;
  readonly refundsSent: number;
  readonly refundedMinor: number;
  readonly refundsDue: number;
  readonly refundsDueMinor: number;
  readonly validTicketsMinor: number;
}

/** Counts over time: of bucket n, which begins n × `bucketMs` after `fromMs`. */
export interface Series {
  readonly fromMs: number;
  readonly bucketMs: number;
  readonly entered: readonly number[];
  readonly admitted: readonly number[];
  readonly sold: readonly number[];
}

export interface Summary {
  readonly totals: Totals;
  readonly series: Series;
}

/** Sums a sale up. Pure: who verifies a report computes the same from the same data. */
export function summarize(facts: SaleFacts, data: ReportData): Summary {
  const { places, orders, tickets, payments, refunds } = data;
  const byStatus: Record<string, number> = {};
  for (const { status } of orders) byStatus[status] = (byStatus[status] ?? 0) + 1;
  const serving = servingNumber(facts.serving, Math.min(facts.createdAtMs, facts.closesAtMs));
  const valid = tickets.filter((ticket) => ticket.status === 'VALID');
  const sent = refunds.filter((refund) => refund.refundedAtMs !== null);
  const due = refunds.filter((refund) => refund.refundedAtMs === null);
  return {
    totals: {
      placesKept: places.length,
      servingNumber: serving,
      admitted: places.filter(({ place }) => place <= serving).length,
      orders: Object.fromEntries(Object.entries(byStatus).sort(([one], [other]) => (one < other ? -1 : 1))),
      ticketsValid: valid.length,
      ticketsCancelled: tickets.length - valid.length,
      ticketsEntered: tickets.filter((ticket) => ticket.enteredAtMs !== null).length,
      payments: payments.length,
      capturedMinor: sum(payments.map((payment) => payment.amountMinor)),
      refundsSent: sent.length,
      refundedMinor: sum(sent.map((refund) => refund.amountMinor)),
      refundsDue: due.length,
      refundsDueMinor: sum(due.map((refund) => refund.amountMinor)),
      validTicketsMinor: sum(valid.map((ticket) => ticket.priceMinor)),
    },
    series: seriesOf(facts, data, serving),
  };
}

function seriesOf(facts: SaleFacts, { places, tickets }: ReportData, serving: number): Series {
  const first = facts.serving[0];
  const entered = places.map(({ takenAtMs }) => takenAtMs);
  const sold = tickets.map(({ issuedAtMs }) => issuedAtMs);
  // Of what was admitted before the oldest piece the waiting room kept, nobody knows when.
  const admitted = places
    .filter(({ place }) => first && place <= serving && place >= first.base)
    .map(({ place }) => reachedAtMs(facts.serving, place));
  const once = (instants: readonly number[]) => instants.map((atMs) => ({ atMs, quantity: 1 }));
  const { fromMs, bucketMs, counts } = bucketed(facts.opensAtMs, {
    entered: once(entered),
    admitted: once(admitted),
    sold: once(sold),
  });
  return { fromMs, bucketMs, ...counts };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
