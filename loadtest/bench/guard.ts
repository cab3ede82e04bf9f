import { readFile, writeFile } from 'node:fs/promises';
import type { RowResult } from './row.ts';

/** Rows that stand for the hot path; together they take less than a minute on a quiet machine. */
export const guardedRows = ['summary', 'enter', 'hold'];

/** A share may fall so far below the recorded one: what a noisy machine makes of it stays within. */
export const tolerated = 0.8;

const file = new URL('./recorded.json', import.meta.url);

/** Shares by row, as they were when somebody last looked at them and was content. */
export async function readRecorded(): Promise<Readonly<Record<string, number>>> {
  return JSON.parse(await readFile(file, 'utf8')) as Record<string, number>;
}

export async function record(results: readonly RowResult[]): Promise<void> {
  const shares = results.flatMap(({ name, share }) =>
    share === undefined || !guardedRows.includes(name) ? [] : [[name, Math.round(share * 1000) / 1000]],
  );
  await writeFile(
    file,
    `${JSON.stringify({ ...(await readRecorded()), ...Object.fromEntries(shares) }, null, 2)}\n`,
  );
}

/** What has become dearer than the guard tolerates, in words that state both shares. */
export function fallen(
  results: readonly Pick<RowResult, 'name' | 'share'>[],
  recorded: Readonly<Record<string, number>>,
): string[] {
  return results.flatMap(({ name, share }) => {
    const before = recorded[name];
    if (before === undefined || share === undefined || share >= tolerated * before) return [];
    const percent = Math.round((1 - share / before) * 100);
    return [
      `${name}: ${share.toFixed(3)} of its baseline, ${percent} % below the recorded ${before.toFixed(3)}`,
    ];
  });
}
