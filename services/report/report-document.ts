import type { ReportData, SaleFacts } from './report-data.ts';
import type { StockData, StockFacts } from './stock-data.ts';
import { type Summary, summarize } from './summarize.ts';
import { type StockSummary, summarizeStock } from './summarize-stock.ts';

/** What `report.json` says of a sale of seats. */
export interface SeatReport extends Summary {
  readonly format: 'onsale-sale-report/1';
  readonly sale: SaleFacts;
}

/** What `report.json` says of a sale of unseated tickets. */
export interface StockReport extends StockSummary {
  readonly format: 'onsale-stock-report/1';
  readonly sale: StockFacts;
}

/** A report and the records it is made from. */
export type Report =
  | { readonly kind: 'seats'; readonly document: SeatReport; readonly data: ReportData }
  | { readonly kind: 'stock'; readonly document: StockReport; readonly data: StockData };

export const seatReport = (sale: SaleFacts, data: ReportData): Report => ({
  kind: 'seats',
  document: { format: 'onsale-sale-report/1', sale, ...summarize(sale, data) },
  data,
});

export const stockReport = (sale: StockFacts, data: StockData): Report => ({
  kind: 'stock',
  document: { format: 'onsale-stock-report/1', sale, ...summarizeStock(sale, data) },
  data,
});

/** The kind of a report by the format it names; undefined for anything else. */
export const kindOfFormat = (format: unknown): Report['kind'] | undefined =>
  format === 'onsale-sale-report/1' ? 'seats' : format === 'onsale-stock-report/1' ? 'stock' : undefined;

/** The records of each kind, one file each: `data/<name>.ndjson`, one record a line. */
export const dataNamesOf = {
  seats: ['places', 'orders', 'tickets', 'payments', 'refunds'],
  stock: ['reservations'],
} as const satisfies Record<Report['kind'], readonly string[]>;
