import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePythonProgram } from '../python-program.ts';
import type { PreparedFuzz } from './prepare-fuzz.ts';

const program = {
  name: 'schemathesis',
  requirements: fileURLToPath(new URL('./schemathesis-requirements.txt', import.meta.url)),
};

/** Installs the fuzzer where it is missing. */
export const ensureSchemathesis = (report: (line: string) => void): Promise<string> =>
  ensurePythonProgram(program, report);

export interface SchemathesisRun extends PreparedFuzz {
  readonly folder: string;
  /** Most cases of an operation. */
  readonly casesPerOperation: number;
  readonly seed: number;
  /** An empty directory for its report. */
  readonly dir: string;
  readonly signal: AbortSignal;
}

export interface SchemathesisResult {
  readonly cases: number;
  /** That were gone through. */
  readonly operations: number;
  /** In which the fuzzer itself broke off: whatever it had sent by then, they are not tested. */
  readonly brokenOff: number;
  /** Cases answered 5xx, and cases without an answer. */
  readonly findings: number;
}

interface Report {
  readonly complete: boolean;
  readonly operations: { readonly tested: number; readonly errored: number };
  readonly test_cases: {
    readonly generated: number;
    readonly with_failures: number;
    readonly errored: number;
  };
}

/** Runs the fuzzer once, its words on this terminal when it is done; rejects when it did not get through. */
export async function runSchemathesis(options: SchemathesisRun): Promise<SchemathesisResult> {
  const { folder, url, document, bearerToken, casesPerOperation, seed, dir, signal } = options;
  const reportPath = join(dir, `report-${seed}.json`);
  const command = [
    ...['-m', 'schemathesis.cli', 'run', document, '--url', url],
    ...[
      '--checks',
      'not_a_server_error',
      '--phases',
      'fuzzing',
      '--mode',
      'all',
      '--continue-on-failure',
      '--workers',
      '2',
    ],
    ...[
      '--max-examples',
      String(casesPerOperation),
      '--seed',
      String(seed),
      '--request-timeout',
      '10',
      '--no-shrink',
    ],
    // Hypothesis would write every case to a file, to begin the next run with those that failed.
    ...['--generation-database', 'none'],
    ...['--suppress-health-check', 'all', '--warnings', 'off', '--no-color'],
    ...['--header', `authorization:Bearer ${bearerToken}`],
    ...['--report', 'json', '--report-json-path', reportPath],
  ];
  const child = spawn('python3', command, {
    cwd: dir,
    env: { ...process.env, PYTHONPATH: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  // Of several at once each says its own in one piece.
  const words: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => words.push(chunk));
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  }).finally(() => process.stdout.write(Buffer.concat(words)));
  const report = JSON.parse(await readFile(reportPath, 'utf8')) as Report;
  const { generated, with_failures, errored } = report.test_cases;
  if (!report.complete || generated === 0) throw new Error('Schemathesis did not get through');
  return {
    cases: generated,
    operations: report.operations.tested,
    brokenOff: report.operations.errored,
    findings: with_failures + errored,
  };
}
