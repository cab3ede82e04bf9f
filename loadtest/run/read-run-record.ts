import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunRecord } from '../report/run-record.ts';

/** The facts of a run that has ended. Rejects where the folder has none. */
export async function readRunRecord(folder: string): Promise<RunRecord> {
  try {
    return JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')) as RunRecord;
  } catch (cause) {
    throw new Error(`${folder} is no finished run: it has no run.json`, { cause });
  }
}
