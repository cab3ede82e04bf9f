import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dataNamesOf, kindOfFormat, type Report } from './report-document.ts';
import { renderReport } from './render-report.ts';
import { renderStockReport } from './render-stock-report.ts';

/** A report as it was found on disk. */
export type StoredReport = Report & {
  /** SHA-256 of each file when it was written, and as it is; hex. */
  readonly written: Readonly<Record<string, string>>;
  readonly found: Readonly<Record<string, string>>;
  /** SHA-256 of the list of these sums, hex: noted elsewhere, it binds the whole report. */
  readonly digest: string;
};

/** As sha256sum writes it: `sha256sum -c SHA256SUMS` needs nothing of ours. */
const sumsFile = 'SHA256SUMS';
const dataFile = (name: string) => `data/${name}.ndjson`;

const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');

/**
 * Writes `report.html`, `report.json`, `data/` and their sums into a directory, over an older report there. Returns the
 * report's digest.
 */
export async function writeReport(dir: string, report: Report): Promise<string> {
  const { kind, document } = report;
  const page = kind === 'seats' ? renderReport(document) : renderStockReport(document);
  const records = Object.entries<readonly unknown[]>({ ...report.data });
  const texts = new Map([
    ['report.html', page],
    ['report.json', `${JSON.stringify(document, null, 2)}\n`],
    ...records.map(([name, rows]): [string, string] => [
      dataFile(name),
      rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
    ]),
  ]);
  const sums = [...texts].map(([name, text]) => `${sha256(text)}  ${name}\n`).join('');
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
  const document = parse('report.json', await read('report.json')) as Report['document'] | null;
  const kind = kindOfFormat(document?.format);
  if (!kind) throw new Error('report.json is not of a format this version knows');
  const records = async (name: string) => {
    const lines = (await read(dataFile(name))).split('\n');
    return lines.flatMap((line, index) =>
      line === '' ? [] : [parse(`${dataFile(name)}, line ${index + 1}`, line)],
    );
  };
  const data: Record<string, unknown[]> = {};
  for (const name of dataNamesOf[kind]) data[name] = await records(name);
  const written = sums.split('\n').flatMap((line) => {
    const [, sum, name] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
    return sum === undefined || name === undefined ? [] : [[name, sum] as const];
  });
  return {
    // Whether its fields are what they should be, verification tells.
    ...({ kind, document, data } as unknown as Report),
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
