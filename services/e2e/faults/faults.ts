import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { faultNames } from './fault-kinds.ts';
import { commitLatencies, countAnswers, percentile, type Recovery } from './figures.ts';
import { type Mutation, mutations } from './mutations.ts';
import { type FaultRun, runFaults } from './run-faults.ts';
import { runMutation } from './run-mutation.ts';

const help = `Usage: npm run faults -- [options]

Plays sales under load while engines and services are killed, frozen, cut off, slowed down and emptied, waits until it is
quiet, and checks everything buyers were told and everything the stores hold against the ten invariants. The same seed draws
the same faults and the same buyers again.

  --seed TEXT        draws schedule and buyers (default: of the time, printed)
  --minutes M        how long the load lasts (default 1)
  --only NAME,…      only these faults; a part of a name names all it is in, "none" none at all
  --buyers N         buyers at a time (default 12)
  --replicas N       of each service (default 2)
  --steady           one sale that does not sell out instead of many small ones: what a full rate is can be told then
  --cluster          on a Redis cluster of three masters with a replica each, and its faults instead of one server's
  --mutations        instead: runs services with one mistake each in them, and tells whether the checker finds it
  --json FILE        writes schedule, figures and violations there
  --help             this text

Faults: ${faultNames(false).join(', ')};
with --cluster, or where --only names none but these: ${faultNames(true)
  .filter((name) => name.startsWith('cluster-'))
  .join(', ')}

Mutations: ${mutations.map(({ name }) => name).join(', ')}; --only names some of them.

Ends with 0 when no invariant was broken (each mutation was found), 1 when one was (was not), 2 when the run could not be done, 130 on Ctrl-C.`;

function readArguments() {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: Date.now().toString(36) },
      minutes: { type: 'string', default: '1' },
      only: { type: 'string' },
      buyers: { type: 'string', default: '12' },
      replicas: { type: 'string', default: '2' },
      steady: { type: 'boolean', default: false },
      cluster: { type: 'boolean', default: false },
      mutations: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const number = (name: 'minutes' | 'buyers' | 'replicas', least: number) => {
    const value = Number(values[name]);
    if (!(value >= least)) throw new Error(`--${name} takes a number of at least ${least}`);
    return value;
  };
  const asked = values.only?.split(',') ?? [''];
  const isAsked = (name: string) => asked.some((part) => name.includes(part));
  const onCluster = values.cluster || asked.every((part) => part.startsWith('cluster'));
  const only = asked[0] === 'none' ? [] : faultNames(onCluster).filter(isAsked);
  if (only.length === 0 && asked[0] !== 'none' && !values.mutations)
    throw new Error(`--only ${values.only}: there is no such fault${onCluster ? ' of a cluster' : ''}`);
  return {
    ...{ seed: values.seed, json: values.json, help: values.help, only, onCluster },
    isSteady: values.steady,
    mutated: values.mutations ? mutations.filter(({ name }) => isAsked(name)) : undefined,
    minutes: number('minutes', 0.1),
    buyers: number('buyers', 1),
    replicas: number('replicas', 1),
  };
}

const ms = (value: number | undefined) => (value === undefined ? '-' : `${Math.round(value)}`).padStart(7);

function recoveryLine({ fault, firstSuccessMs, seatsMs, fullRateMs }: Recovery): string {
  const { enter, hold, intent, commit, reserve } = firstSuccessMs;
  return `  ${fault.padEnd(26)}${[enter, seatsMs, hold, intent, commit, reserve, fullRateMs].map(ms).join('')}`;
}

function printFigures(run: FaultRun): void {
  console.log(`\nAnswers`);
  for (const [kind, counts] of Object.entries(countAnswers(run.exchanges))) {
    const told = Object.entries(counts).map(([status, count]) => `${status}: ${count}`);
    console.log(`  ${kind.padEnd(20)}${told.join(', ')}`);
  }
  if (run.recoveries.length > 0) {
    console.log(`\nMilliseconds from the end of each fault to the first success, and to full rate`);
    console.log(`  ${''.padEnd(26)}  enter  seats   hold intent commit reserve  full`);
    for (const recovery of run.recoveries) console.log(recoveryLine(recovery));
  }
  if (Object.keys(run.harm).length > 0) {
    console.log(`\nHarm done, where it is counted`);
    for (const [what, count] of Object.entries(run.harm)) console.log(`  ${what.padEnd(72)}${count}`);
  }
  const { seen, died } = run.points;
  if (died.length > 0) {
    const left = seen.filter((point) => !died.includes(point));
    console.log(`\nKilled at ${died.length} of ${seen.length} points between two stores`);
    if (left.length > 0) console.log('Nobody came again to these while they were waited for');
    for (const point of left) console.log(`  ${point}`);
  }
  const refused = run.exchanges.filter(({ answer }) => answer.status === 503 || answer.status === 429);
  const unclear = run.violations.filter(({ invariant }) => invariant === 0);
  const p99 = (latencies: readonly number[]) => `${ms(percentile(latencies, 99)).trim()} ms`;
  console.log(`
Requests           ${run.exchanges.length}, of them ${refused.length} refused with 503 or 429, ${unclear.length} not as the contract says
Tickets            ${run.tickets}
Commit to its end  p99 ${p99(run.unloadedCommitMs)} without load, ${p99(commitLatencies(run.exchanges))} with load and faults
Quiet after        ${run.quietMs === undefined ? 'never' : `${ms(run.quietMs).trim()} ms`}`);
}

function printVerdict(run: FaultRun, seed: string): void {
  const most = 40;
  for (const { invariant, message } of run.violations.slice(0, most)) {
    console.log(`\nBROKEN ${invariant === 0 ? 'contract' : `invariant ${invariant}`}: ${message}`);
  }
  if (run.violations.length > most) console.log(`\n… and ${run.violations.length - most} more`);
  console.log(
    run.violations.length === 0
      ? `\nVerdict: no invariant was broken (seed ${seed}, ${run.recoveries.length} faults)`
      : `\nVerdict: ${run.violations.length} violations; the same again: npm run faults -- --seed ${seed}`,
  );
}

async function runMutations(chosen: readonly Mutation[], seed: string, signal: AbortSignal): Promise<number> {
  let missed = 0;
  for (const mutation of chosen) {
    console.log(`\n${mutation.name}: ${mutation.says}`);
    try {
      const startedAt = performance.now();
      const { caught, tries } = await runMutation(mutation, {
        seed,
        tries: 3,
        signal,
        report: () => undefined,
      });
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      if (!caught) missed++;
      console.log(
        caught
          ? `  found in ${seconds} s, try ${tries}: ${caught.message}`
          : `  NOT FOUND in ${seconds} s, ${tries} tries`,
      );
    } catch (error) {
      if (signal.aborted) return 130;
      throw error;
    }
  }
  console.log(`\n${chosen.length - missed} of ${chosen.length} mutations found`);
  return missed === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const {
    help: isHelp,
    json,
    seed,
    minutes,
    only,
    onCluster,
    isSteady,
    buyers,
    replicas,
    mutated,
  } = readArguments();
  if (isHelp) {
    console.log(help);
    return 0;
  }
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (interrupted.signal.aborted) process.exit(130);
      console.log('Stopping; once more ends it at once');
      interrupted.abort();
    });
  }
  if (mutated) return runMutations(mutated, seed, interrupted.signal);
  console.log(`Seed ${seed}, ${minutes} min, ${only.length} kinds of fault. Starting engines and services`);
  let run: FaultRun;
  try {
    run = await runFaults({
      ...{ seed, only, onCluster, isSteady, buyers, replicas },
      lengthMs: minutes * 60_000,
      unloadedCommits: 100,
      quietWithinMs: 120_000,
      report: (line) => console.log(line),
      signal: interrupted.signal,
    });
  } catch (error) {
    if (interrupted.signal.aborted) return 130;
    throw error;
  }
  printFigures(run);
  printVerdict(run, seed);
  if (json !== undefined) {
    const { exchanges, ...told } = run;
    const loadedCommitMs = commitLatencies(exchanges);
    await writeFile(
      json,
      `${JSON.stringify({ seed, minutes, buyers, ...told, loadedCommitMs, answers: countAnswers(exchanges) }, null, 2)}\n`,
    );
  }
  return run.violations.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error);
  process.exitCode = 2;
}
