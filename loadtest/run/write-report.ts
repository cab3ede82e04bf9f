import { createReadStream } from 'node:fs';
import { glob, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { constants, createGunzip } from 'node:zlib';
import { digestPoints } from '../report/digest.ts';
import { makeReport } from '../report/make-report.ts';
import type { Report } from '../report/report.ts';
import { reportHtml, reportMarkdown } from '../report/report-pages.ts';
import type { K6Summary, Mark, Observation } from '../report/run-record.ts';
import { readRunRecord } from './read-run-record.ts';

/** Makes report.md and report.html of what a run left in its folder; may be repeated. */
export async function writeReport(folder: string): Promise<Report> {
  const record = await readRunRecord(folder);
  const summaries: (K6Summary | undefined)[] = [];
  for await (const path of glob('summary*.json', { cwd: folder })) {
    summaries.push(await readJson<K6Summary>(join(folder, path)));
  }
  const points: string[] = [];
  for await (const path of glob('points*.json.gz', { cwd: folder })) points.push(join(folder, path));
  const report = makeReport({
    profile: record.profile,
    record,
    summaries,
    digest: points.length > 0 ? await digestPoints(linesOf(points)) : undefined,
    observations: [
      ...(await readLines<Observation>(join(folder, 'observed.jsonl'))),
      ...(await readLines<Observation>(join(folder, 'recalled.jsonl'))),
    ],
    marks: await readLines<Mark>(join(folder, 'marks.jsonl')),
  });
  await writeFile(join(folder, 'report.md'), reportMarkdown(report));
  await writeFile(join(folder, 'report.html'), reportHtml(report));
  return report;
}

async function readJson<Value>(path: string): Promise<Value | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Value;
  } catch {
    return undefined;
  }
}

async function readLines<Value>(path: string): Promise<Value[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Value]));
}

/** Lines of gzip files, one after the other. One that was cut short, by a k6 that was killed, ends where it was cut. */
async function* linesOf(paths: readonly string[]): AsyncGenerator<string> {
  for (const path of paths) {
    const unzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
    yield* createInterface({
      input: createReadStream(path).pipe(unzip),
      crlfDelay: Number.POSITIVE_INFINITY,
    });
  }
}
