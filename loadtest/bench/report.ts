import type { RowResult } from './row.ts';
import type { StudyResult } from './study.ts';

const us = (value: number | undefined) => (value === undefined ? '' : value.toFixed(1));
const share = (value: number | undefined) => (value === undefined ? '' : value.toFixed(2));

/** A row's result in a few words, for who waits for the others. */
export function shortOf({ ours, share: part, spread }: RowResult): string {
  const rounds = spread ? `, ${share(part)} of its baseline (${share(spread[0])}–${share(spread[1])})` : '';
  return `${us(ours)} µs${rounds}`;
}

/** The result as a Markdown table. */
export function tableOf(results: readonly RowResult[]): string {
  const rows = results.map((result) => [
    result.name,
    us(result.baseUs),
    us(result.ours),
    share(result.share),
    result.spread ? `${share(result.spread[0])}–${share(result.spread[1])}` : '',
    result.unit === 'share' ? `≥ ${share(result.aim)}` : `≤ ${result.aim} µs`,
    result.isMet ? 'yes' : 'no',
    us(result.redisUs),
    us(result.postgresUs),
    `${Math.round(result.busy * 100)} %`,
  ]);
  return markdown(
    ['row', 'baseline µs', 'ours µs', 'share', 'rounds', 'aim', 'met', 'Redis µs', 'PostgreSQL µs', 'busy'],
    rows,
  );
}

/** A study's records as a Markdown table. */
export function tableOfStudy(result: StudyResult): string {
  return markdown(
    Object.keys(result[0] ?? {}),
    result.map((record) => Object.values(record).map(String)),
  );
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((cells) => cells[column]!.length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}
