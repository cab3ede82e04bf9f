import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { fallen, guardedRows, readRecorded, record, tolerated } from './guard.ts';
import { startLab } from './lab.ts';
import { memoryOf } from './processor.ts';
import { shortOf, tableOf, tableOfStudy } from './report.ts';
import { measureRow, rowAgainst, type RowResult } from './row.ts';
import { orderRows } from './rows/orders.ts';
import { readRows } from './rows/reads.ts';
import { writeRows } from './rows/writes.ts';
import { crowdStudy } from './studies/crowd.ts';
import { growthStudy } from './studies/growth.ts';
import { mixStudy } from './studies/mix.ts';
import { overloadStudy } from './studies/overload.ts';
import { peersStudy } from './studies/peers.ts';
import { scriptsStudy } from './studies/scripts.ts';
import { startStudy } from './studies/start.ts';
import type { StudyResult } from './study.ts';

const rows = [...readRows, ...writeRows, ...orderRows];
const studies = [startStudy, mixStudy, scriptsStudy, growthStudy, overloadStudy, crowdStudy, peersStudy];
/** They take longer; scripts needs redis-benchmark. */
const onlyByName = ['scripts', 'growth', 'overload', 'crowd', 'peers'];
const names = [...rows, ...studies].map(({ name }) => name);

const help = `npm run bench -- [options]

Measures what a request costs a server, in CPU time by the kernel's accounting, beside a baseline in the same run.

  --only <names>    some of: ${names.join(', ')}; without it all but ${onlyByName.join(', ')}, which take longer
                    (scripts: needs redis-benchmark)
  --rounds <n>      measured rounds of each row, baseline and ours by turns (default 5)
  --seconds <s>     how long a read is measured in each round (default 2)
  --json <file>     writes the result there too; - writes it to standard output
  --guard           a short run of ${guardedRows.join(', ')}: fails where a share is more than ${Math.round((1 - tolerated) * 100)} %
                    below the one in loadtest/bench/recorded.json
  --record          writes this run's shares there
  --against <dir>   another checkout of this project, with its modules: its services are the baseline of every row
  --profile <dir>   writes a CPU profile of each service there (shares then say less: profiling costs, too)
  --help            this`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    json: { type: 'string' },
    against: { type: 'string' },
    profile: { type: 'string' },
    guard: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const only = (values.guard ? guardedRows : values.only?.split(','))?.map((name) => name.trim());
const unknown = only?.filter((name) => !names.includes(name)) ?? [];
const plan = values.guard
  ? { rounds: 3, turns: 2, seconds: 0.5, scale: 0.3 }
  : { rounds: Number(values.rounds), turns: 4, seconds: Number(values.seconds), scale: 1 };
if (values.help || unknown.length > 0 || !(plan.rounds >= 1) || !(plan.seconds > 0)) {
  if (unknown.length > 0) console.error(`There is no ${unknown.join(', ')}`);
  console.log(help);
  process.exit(values.help ? 0 : 2);
}

const isTerminal = process.stderr.isTTY;
const report = (text: string) => {
  if (isTerminal) process.stderr.write(`\r\x1b[K${text}`);
  else process.stderr.write(`${text}\n`);
};

let lab: Awaited<ReturnType<typeof startLab>> | undefined;
let interrupted = false;
const onSignal = () => {
  if (interrupted) process.exit(130);
  interrupted = true;
  report('Stopping; once more ends it at once');
  void (lab?.stop() ?? Promise.resolve()).finally(() => process.exit(130));
};
process.on('SIGINT', onSignal);
process.on('SIGTERM', onSignal);

const results: RowResult[] = [];
const studied: Record<string, StudyResult> = {};
try {
  const against = values.against === undefined ? undefined : pathToFileURL(`${resolve(values.against)}/`);
  lab = await startLab(report, { profileDir: values.profile, against });
  const { other } = lab;
  const asked = rows.filter(({ name }) => only?.includes(name) ?? true);
  for (const row of other ? asked.map((row) => rowAgainst(row, other)) : asked) {
    const result = await measureRow(row, lab, plan, (text) => report(`${row.name}: ${text}`));
    results.push(result);
    report(`${row.name}: ${shortOf(result)}`);
  }
  if (values.guard) {
    // Once more before anybody is alarmed: the machine may have been busy with something else.
    const recorded = await readRecorded();
    for (const row of rows.filter(({ name }) =>
      fallen(results, recorded).some((one) => one.startsWith(`${name}:`)),
    )) {
      const index = results.findIndex(({ name }) => name === row.name);
      const again = await measureRow(row, lab, { ...plan, rounds: 5 }, (text) =>
        report(`${row.name}, again: ${text}`),
      );
      if (again.share! > results[index]!.share!) results[index] = again;
    }
  }
  for (const study of studies.filter(({ name }) => only?.includes(name) ?? !onlyByName.includes(name))) {
    studied[study.name] = await study.run(lab, plan, report);
  }
  studied['memory'] = Object.values(lab.services).map(({ name, pid }) => {
    const { rssMb, peakMb } = memoryOf(pid);
    return { service: name, 'now MB': rssMb, 'peak MB': peakMb };
  });
} catch (error) {
  if (!interrupted) {
    report('');
    console.error(error);
    process.exitCode = 1;
  }
} finally {
  if (!interrupted) await lab?.stop();
}
if (!interrupted) {
  // Also what was measured before something failed: it took minutes.
  const isWhole = process.exitCode === undefined;
  report('\n');
  if (results.length > 0) console.log(tableOf(results));
  for (const [name, result] of Object.entries(studied)) console.log(`\n${name}\n${tableOfStudy(result)}`);
  if (isWhole && values.record) await record(results);
  if (isWhole && values.guard) {
    const problems = fallen(results, await readRecorded());
    for (const problem of problems) console.error(`Dearer than recorded: ${problem}`);
    if (problems.length > 0) process.exitCode = 1;
  }
  const json = JSON.stringify(
    {
      at: new Date().toISOString(),
      node: process.version,
      processor: cpus()[0]?.model,
      cores: cpus().length,
      isPinned: lab?.isPinned,
      isWhole,
      ...plan,
      rows: results,
      ...studied,
    },
    null,
    2,
  );
  if (values.json === '-') console.log(json);
  else if (values.json) await writeFile(values.json, `${json}\n`);
}
