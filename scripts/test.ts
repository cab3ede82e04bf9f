// Runs the test files: npm test -- --help.
import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findTestFiles } from './test/find-test-files.ts';
import { printedLines, progressLine, summarize } from './test/print-summary.ts';
import { readRequiredTiers } from './test/required-tiers.ts';
import { runSuite } from './test/run-suite.ts';
import { createSharedEngines } from './test/shared-engines.ts';
import { tierOf, tiers } from './test/tiers.ts';
import { stopSignal } from './stop-signal.ts';

const root = resolve(import.meta.dirname, '..');
const tierNames = tiers.map(({ name }) => name).toReversed();
const print = (line: string) => console.log(line);

const HELP = `npm test [-- options] [-- file or folder …]

Runs all test files, or those named. Ends with one line: N passed, N failed, N skipped. It counts the tests at the top
of each file; a file that crashes, takes too long or has no tests counts as one more failed.

  --tier NAME      only files of this tier: ${tierNames.join(', ')}; may be given several times
  --jobs N         files at a time, 2 by default; then those that load the machine, one at a time. Those that mostly wait
                   run beside them, one at a time, unless N is 1
  --timeout N      seconds a file may take, 120 by default; a file asks for more by t.setTimeout
  --verbose        also what passing files print
  --help           this text

A tier whose needs this machine does not meet is skipped, and the command that helps is named. With REQUIRE_TIERS=all,
or a list such as REQUIRE_TIERS=integration,journey, that is a failure.`;

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      tier: { type: 'string', multiple: true },
      jobs: { type: 'string', default: '2' },
      timeout: { type: 'string', default: '120' },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  for (const name of values.tier ?? []) {
    if (!tierNames.includes(name)) throw new Error(`no tier ${name}: there are ${tierNames.join(', ')}`);
  }
  const jobs = Number(values.jobs);
  const timeoutSeconds = Number(values.timeout);
  if (!Number.isInteger(jobs) || jobs < 1) throw new Error('--jobs takes a whole number of at least 1');
  if (!(timeoutSeconds > 0)) throw new Error('--timeout takes a number of seconds');
  return { ...values, jobs, timeoutSeconds, paths: positionals.map((path) => relative(root, resolve(path))) };
}

async function chooseFiles(
  paths: readonly string[],
  tierChoice: readonly string[] | undefined,
): Promise<string[]> {
  const all = await findTestFiles(root);
  const isAt = (path: string) => (file: string) =>
    path === '' || file === path || file.startsWith(`${path}/`);
  const nothing = paths.filter((path) => !all.some(isAt(path)));
  if (nothing.length > 0) throw new Error(`no test files at ${nothing.join(', ')}`);
  return all.filter(
    (file) =>
      (paths.length === 0 || paths.some((path) => isAt(path)(file))) &&
      (tierChoice === undefined || tierChoice.includes(tierOf(file).name)),
  );
}

async function main(): Promise<number> {
  const { help, verbose, tier, jobs, timeoutSeconds, paths } = readArguments();
  if (help) {
    print(HELP);
    return 0;
  }
  const requiredTiers = readRequiredTiers(process.env['REQUIRE_TIERS'], tierNames);
  const files = await chooseFiles(paths, tier);
  if (files.length === 0) throw new Error('no test files');
  const signal = stopSignal();
  const begin = performance.now();
  let done = 0;
  const suite = await runSuite({
    root,
    files,
    jobs,
    timeoutSeconds,
    requiredTiers,
    env: process.env,
    engines: createSharedEngines(print),
    signal,
    report: print,
    onResult: (result) => {
      done += 1;
      print(`${String(done).padStart(String(files.length).length)}/${files.length} ${progressLine(result)}`);
      if (verbose) printedLines(result).forEach(print);
    },
  });
  const { lines, failed } = summarize(suite);
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  print(`\n${suite.files.length} files in ${seconds} s${signal.aborted ? ', interrupted' : ''}`);
  lines.forEach(print);
  return failed > 0 || signal.aborted ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
