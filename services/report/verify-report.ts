import { isDeepStrictEqual } from 'node:util';
import { checkDraw, checkPlaces, checkPlacesUnique } from './check-draw.ts';
import { checkAmounts, checkCaptures, checkRefunds } from './check-money.ts';
import { checkAdmission, checkSeats, checkTickets } from './check-tickets.ts';
import type { CheckResult } from './check-result.ts';
import { checkLimit, checkReservations, checkStock, checkWindow } from './check-stock.ts';
import type { Report } from './report-document.ts';
import type { StoredReport } from './report-files.ts';
import { summarize } from './summarize.ts';
import { summarizeStock } from './summarize-stock.ts';

export interface NamedCheck extends CheckResult {
  readonly name: string;
}

/** Checks a report against itself: files, records and sums. Needs no database and no network. */
export function verifyReport(report: StoredReport): NamedCheck[] {
  const checks: Checks = [
    ['files are as they were written', () => checkFiles(report)],
    ...(report.kind === 'seats' ? seatChecks(report) : stockChecks(report)),
    ['sums are those of the data', () => checkSums(report)],
  ];
  return checks.map(([name, check]) => ({ name, ...attempt(check) }));
}

type Checks = [string, () => CheckResult][];

const seatChecks = ({ document, data }: Extract<Report, { kind: 'seats' }>): Checks => [
  ['the seed is the one committed to', () => checkDraw(document.sale)],
  ['every place follows from the seed', () => checkPlaces(document.sale, data)],
  ['nobody has two places, no place two buyers', () => checkPlacesUnique(data)],
  ['who has tickets was admitted', () => checkAdmission(document.totals.servingNumber, data)],
  ['no seat has two live tickets', () => checkSeats(data)],
  ['orders and tickets agree', () => checkTickets(data)],
  ['every capture is a ticket or a refund', () => checkCaptures(data)],
  ['no refund exceeds its capture', () => checkRefunds(data)],
  ['what was paid is what was priced', () => checkAmounts(data)],
];

const stockChecks = ({ document, data }: Extract<Report, { kind: 'stock' }>): Checks => [
  ['no more tickets are sold than there are', () => checkStock(document.sale, data)],
  ['every reservation is there once', () => checkReservations(data)],
  ['nobody has more than the limit', () => checkLimit(document.sale, data)],
  ['tickets were taken while the sale was open', () => checkWindow(document.sale, data)],
];

/** A record that lost a field must not end the verification before it is named. */
function attempt(check: () => CheckResult): CheckResult {
  try {
    return check();
  } catch (error) {
    return { looked: 'stopped', differences: [`the data cannot be read: ${(error as Error).message}`] };
  }
}

function checkFiles({ written, found }: StoredReport): CheckResult {
  const names = new Set([...Object.keys(written), ...Object.keys(found)]);
  const differences = [...names]
    .filter((name) => written[name] !== found[name])
    .map((name) => `${name} was changed after the report was written`);
  return { looked: `${names.size} files`, differences };
}

function checkSums(report: StoredReport): CheckResult {
  const { totals, series } = report.document;
  const found =
    report.kind === 'seats'
      ? summarize(report.document.sale, report.data)
      : summarizeStock(report.document.sale, report.data);
  const said = totals as unknown as Record<string, unknown>;
  const computed = found.totals as unknown as Record<string, unknown>;
  const differences = [...new Set([...Object.keys(computed), ...Object.keys(said)])]
    .filter((key) => !isDeepStrictEqual(said[key], computed[key]))
    .map(
      (key) =>
        `${key}: report.json says ${JSON.stringify(said[key])}, the data ${JSON.stringify(computed[key])}`,
    );
  if (!isDeepStrictEqual(found.series, series)) differences.push('series: report.json differs from the data');
  return { looked: `${Object.keys(computed).length} sums`, differences };
}
