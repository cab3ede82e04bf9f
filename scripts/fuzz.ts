// Lets an outside fuzzer ask everything the OpenAPI document describes of services on this machine.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startLocalStack } from '@onsale/local/local-stack';
import { prepareFuzz } from './fuzz/prepare-fuzz.ts';
import { ensureSchemathesis, runSchemathesis } from './fuzz/schemathesis.ts';
import { stopSignal } from './stop-signal.ts';

const help = `Usage: npm run fuzz -- [options]

Starts the services on loopback and has Schemathesis send them valid and invalid requests made from openapi/ticketing.yaml,
with a sale that is on and a buyer whose turn it is. A finding is an answer of 5xx, or none within ten seconds. Where the
fuzzer itself breaks off in an operation it goes through all of them once more; breaking off again is a finding, too.

  --cases N   at least this many requests (default 1000)
  --seed N    draws them (default: of the time, printed)
  --help      this text

Ends with 0 when nothing was found, 1 when something was, 2 when it could not be done, 130 on Ctrl-C.`;

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 1000)) },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const whole = (name: 'cases' | 'seed') => {
  if (/^[1-9][0-9]{0,9}$/.test(values[name])) return Number(values[name]);
  console.error(`--${name} takes a whole number from 1`);
  process.exit(2);
};
if (values.help) {
  console.log(help);
  process.exit(0);
}
const options = { cases: whole('cases'), seed: whole('seed') };

/** Making a case takes a Python process far longer than answering it takes the services, and its threads share one core. */
const fuzzers = 2;
/** Far from the seeds of other rounds. */
const secondTry = 1_000_000;

const stop = stopSignal();
const dir = await mkdtemp(join(tmpdir(), 'onsale-fuzz-'));
const undo: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true, force: true })];
let ended = false;
try {
  const folder = await ensureSchemathesis(console.log);
  const unexpected: string[] = [];
  const stack = await startLocalStack({
    port: 0,
    dir,
    keep: false,
    report: (line) => console.log(line),
    onUnexpectedExit: (_exit, part) => {
      if (!ended) unexpected.push(`${part} ended by itself`);
    },
  });
  undo.push(() => stack.stop());
  stop.throwIfAborted();
  const fuzz = await prepareFuzz(stack, dir);
  const startedMs = performance.now();
  let cases = 0;
  let operations = 0;
  let findings = 0;
  // Operations without input have one case: how many there will be is known afterwards.
  for (let round = 0; cases < options.cases; round++) {
    const casesPerOperation = Math.ceil((options.cases - cases) / 20 / fuzzers);
    const results = await Promise.all(
      Array.from({ length: fuzzers }, async (_, fuzzer) => {
        const run = (seed: number) =>
          runSchemathesis({ ...fuzz, folder, casesPerOperation, seed, dir, signal: stop });
        const seed = options.seed + round * fuzzers + fuzzer;
        const first = await run(seed);
        if (first.brokenOff === 0) return [first];
        console.log(`The fuzzer broke off in ${first.brokenOff} operations (seed ${seed}): once more`);
        // Another seed: the same cases would do the same to it.
        const second = await run(seed + secondTry);
        if (second.brokenOff > 0)
          unexpected.push(
            `The fuzzer broke off in ${second.brokenOff} operations, twice: they are not tested`,
          );
        return [first, second];
      }),
    );
    stop.throwIfAborted();
    for (const result of results.flat()) {
      cases += result.cases;
      findings += result.findings;
      operations = Math.max(operations, result.operations);
    }
  }
  for (const line of unexpected) console.log(line);
  findings += unexpected.length;
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  console.log(
    `${cases} cases of ${operations} operations in ${seconds} s (seed ${options.seed}): ${findings} findings`,
  );
  process.exitCode = findings > 0 ? 1 : 0;
} catch (error) {
  if (stop.aborted) process.exitCode = 130;
  else {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  }
} finally {
  ended = true;
  for (const step of undo.reverse()) await step();
}
