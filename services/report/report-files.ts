import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dataNames, type ReportData, type SaleFacts } from './report-data.ts';
import { renderReport } from './render-report.ts';
import type { ReportDocument } from './report-document.ts';
import { summarize } from './summarize.ts';

/** A report as it was found on disk. */
export interface StoredReport {
  readonly document: ReportDocument;
  readonly data: ReportData;
  /** SHA-256 of each file when it was written, and as it is; hex. */
  readonly written: Readonly<Record<string, string>>;
  readonly found: Readonly<Record<string, string>>;
  /** SHA-256 of the list of these sums, hex: noted elsewhere, it binds the whole report. */
  readonly digest: string;
}

/** As sha256sum writes it: `sha256sum -c SHA256SUMS` needs nothing of ours. */
const sumsFile = 'SHA256SUMS';
const dataFile = (name: string) => `data/${name}.ndjson`;
const fileNames = ['report.html', 'report.json', ...dataNames.map(dataFile)];

const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');

/**
 * Writes `report.html`, `report.json`, `data/` and their sums into a directory, over an older report there. Returns the
 * report's digest.
 */
export async function writeReport(dir: string, sale: SaleFacts, data: ReportData): Promise<string> {
  const document: ReportDocument = { format: 'onsale-sale-report/1', sale, ...summarize(sale, data) };
  const texts = new Map([
    ['report.html', renderReport(document)],
    ['report.json', `${JSON.stringify(document, null, 2)}\n`],
    ...dataNames.map((name): [string, string] => [
      dataFile(name),
      data[name].map((record) => `${JSON.stringify(record)}\n`).join(''),
    ]),
  ]);
  const sums = fileNames.map((name) => `${sha256(texts.get(name)!)}  ${name}\n`).join('');
  await mkdir(join(dir, 'data'), { recursive: true });
  for (const [name, text] of [...texts, [sumsFile, sums] as const]) await writeFile(join(dir, name), text);
  return sha256(sums);
}

/** Reads a report back; rejects, naming the file and line, where it cannot be read at all. */
export async function readReport(dir: string): Promise<StoredReport> {
  const found: Record<string, string> = {};
  const read = async (name: string): Promise<string> => {
    const bytes = await readFile(join(dir, name)).catch((cause: unknown) => {
      throw new Error(`${join(dir, name)} cannot be read: is this a report's directory?`, { cause });
    });
    found[name] = sha256(bytes);
    return bytes.toString();
  };
  const sums = await read(sumsFile);
  const { [sumsFile]: digest } = found;
  delete found[sumsFile];
  await read('report.html');
  const document = parse('report.json', await read('report.json')) as ReportDocument | null;
  if (document?.format !== 'onsale-sale-report/1') {
    throw new Error('report.json is not of the format onsale-sale-report/1');
  }
  const records = async (name: string) => {
    const lines = (await read(dataFile(name))).split('\n');
    return lines.flatMap((line, index) =>
      line === '' ? [] : [parse(`${dataFile(name)}, line ${index + 1}`, line)],
    );
  };
  const data: Record<string, unknown[]> = {};
  for (const name of dataNames) data[name] = await records(name);
  const written = sums.split('\n').flatMap((line) => {
    const [, sum, name] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
    return sum === undefined || name === undefined ? [] : [[name, sum] as const];
  });
  return {
    document,
    data: data as unknown as ReportData,
    written: Object.fromEntries(written),
    found,
    digest: digest!,
  };
}

function parse(where: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${where} is not JSON: it was changed`, { cause });
  }
}
