import { join } from 'node:path';
import { recall } from '../observe/observe.ts';
import type { Sources } from '../observe/source.ts';
import type { Report } from '../report/report.ts';
import { readRunRecord } from './read-run-record.ts';
import { writeReport } from './write-report.ts';

/** Makes a run's report again; sources that keep their past are asked once more, for some say it minutes late. */
export async function remakeReport(folder: string, { kept }: Pick<Sources, 'kept'>): Promise<Report> {
  if (kept.length > 0) {
    const { startedAtMs, endedAtMs } = await readRunRecord(folder);
    await recall(kept, join(folder, 'recalled.jsonl'), { fromMs: startedAtMs, toMs: endedAtMs });
  }
  return writeReport(folder);
}
