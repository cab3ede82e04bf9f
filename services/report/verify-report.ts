import { isDeepStrictEqual } from 'node:util';
import { checkDraw, checkPlaces, checkPlacesUnique } from './check-draw.ts';
import { checkAmounts, checkCaptures, checkRefunds } from './check-money.ts';
import { checkAdmission, checkSeats, checkTickets } from './check-tickets.ts';
import type { CheckResult } from './check-result.ts';
import type { StoredReport } from './report-files.ts';
import { summarize } from './summarize.ts';

export interface NamedCheck extends CheckResult {
  readonly name: string;
}

/** Checks a report against itself: files, draw, tickets, money and sums. Needs no database and no network. */
export function verifyReport(report: StoredReport): NamedCheck[] {
  const { document, data } = report;
  const { sale } = document;
  const checks: [string, () => CheckResult][] = [
    ['files are as they were written', () => checkFiles(report)],
    ['the seed is the one committed to', () => checkDraw(sale)],
    ['every place follows from the seed', () => checkPlaces(sale, data)],
    ['nobody has two places, no place two buyers', () => checkPlacesUnique(data)],
    ['who has tickets was admitted', () => checkAdmission(document.totals.servingNumber, data)],
    ['no seat has two live tickets', () => checkSeats(data)],
    ['orders and tickets agree', () => checkTickets(data)],
    ['every capture is a ticket or a refund', () => checkCaptures(data)],
    ['no refund exceeds its capture', () => checkRefunds(data)],
    ['what was paid is what was priced', () => checkAmounts(data)],
    ['sums are those of the data', () => checkSums(report)],
  ];
  return checks.map(([name, check]) => ({ name, ...attempt(check) }));
}

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

function checkSums({ document, data }: StoredReport): CheckResult {
  const { totals, series } = summarize(document.sale, data);
  const differences: string[] = [];
  for (const key of new Set([...Object.keys(totals), ...Object.keys(document.totals)])) {
    const [said, found] = [document.totals, totals].map(
      (of) => (of as unknown as Record<string, unknown>)[key],
    );
    if (!isDeepStrictEqual(said, found)) {
      differences.push(`${key}: report.json says ${JSON.stringify(said)}, the data ${JSON.stringify(found)}`);
    }
  }
  if (!isDeepStrictEqual(series, document.series))
    differences.push('series: report.json differs from the data');
  return { looked: `${Object.keys(totals).length} sums`, differences };
}
