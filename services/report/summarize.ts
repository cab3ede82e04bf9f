import { reachedAtMs, servingNumber } from '@onsale/waiting-room/serving';
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

const mostBuckets = 120;
/** Counts are shown over one of these, milliseconds. */
const bucketSizes = [1, 2, 5, 10, 30, 60, 300, 600, 1800, 3600, 21_600, 86_400].map((s) => s * 1000);

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
  const all = [...entered, ...sold, ...admitted];
  const fromMs = Math.floor(min(all, facts.opensAtMs) / 1000) * 1000;
  const spanMs = all.reduce((latest, at) => Math.max(latest, at), fromMs) - fromMs;
  const bucketMs = bucketSizes.find((size) => spanMs / size < mostBuckets) ?? bucketSizes.at(-1)!;
  const count = Math.floor(spanMs / bucketMs) + 1;
  const bucketsOf = (instants: readonly number[]) => {
    const buckets = new Array<number>(count).fill(0);
    for (const at of instants) buckets[Math.floor((at - fromMs) / bucketMs)]! += 1;
    return buckets;
  };
  return {
    fromMs,
    bucketMs,
    entered: bucketsOf(entered),
    admitted: bucketsOf(admitted),
    sold: bucketsOf(sold),
  };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const min = (values: readonly number[], otherwise: number) =>
  values.length === 0 ? otherwise : values.reduce((least, value) => Math.min(least, value));
