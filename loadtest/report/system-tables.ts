import { keptFigures } from './kept-figures.ts';
import { numberText } from './number-text.ts';
import { paceOf } from './pace.ts';
import { recoveries } from './recoveries.ts';
import type { Table } from './report.ts';
import type { ReportInput } from './report-input.ts';
import type { Observation } from './run-record.ts';
import { scalingReactions } from './scaling-reactions.ts';
import { cacheHits, databasePulse, gapsIn, gaugeOverTime, serviceUse } from './system-figures.ts';

const { ms, percent, seconds, any } = numberText;

/** What was seen of the system while it bore the load. */
export function systemTables(input: ReportInput): Table[] {
  const { observations } = input;
  return [
    reactionTable(input),
    recoveryTable(input),
    cacheTable(observations),
    storeTable(observations),
    useTable(observations),
    keptTable(observations),
    gapTable(observations),
  ];
}

function reactionTable({ observations, digest, profile, record }: ReportInput): Table {
  const isWatched = observations.some(({ kind }) => kind === 'pods');
  const pace = paceOf(digest, observations);
  return {
    title: `Scaling reaction: p95 beyond ${profile.targets.p95Ms} ms until more pods served`,
    head: ['deployment', 'counted by', 'breach, in the run', 'more pods after'],
    rows: scalingReactions(observations, pace, profile.targets.p95Ms).map(
      ({ deployment, by, breachAtMs, reactionSeconds }) => [
        deployment,
        by,
        `at ${seconds((breachAtMs - record.startedAtMs) / 1000)}, by ${pace.source}`,
        seconds(reactionSeconds),
      ],
    ),
    empty: isWatched ? 'The target was kept: nothing to react to.' : 'Nobody counted pods.',
  };
}

function recoveryTable({ marks, digest, observations, profile, record }: ReportInput): Table {
  return {
    title: 'Recovery after injected faults',
    head: ['fault', 'in the run', 'until five good seconds'],
    rows: recoveries(marks, paceOf(digest, observations), profile.targets.p95Ms).map(
      ({ what, atMs, recoverySeconds }) => [
        what,
        `at ${seconds((atMs - record.startedAtMs) / 1000)}`,
        seconds(recoverySeconds),
      ],
    ),
    empty: 'No fault was marked.',
  };
}

function cacheTable(observations: readonly Observation[]): Table {
  return {
    title: 'Cache hits',
    head: ['service', 'cache', 'reads', 'hits'],
    rows: cacheHits(observations).map(({ service, cache, reads, hitRatio }) => [
      service,
      cache,
      `${reads}`,
      percent(hitRatio),
    ]),
    empty: 'No service was watched from here.',
  };
}

function storeTable(observations: readonly Observation[]): Table {
  const pulse = databasePulse(observations);
  const backlog = gaugeOverTime(observations, 'onsale_admission_backlog_seconds').map(({ value }) => value);
  const latencies = pulse.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
  const rows: string[][] = [];
  if (pulse.length > 0) {
    const oldest = Math.max(0, ...pulse.map(({ oldestCommitSeconds }) => oldestCommitSeconds ?? 0));
    rows.push(['commit queue: age of the oldest, at most', `${oldest.toFixed(2)} s`]);
  }
  if (backlog.length > 0)
    rows.push(['commit queue: time to work it off, at most', `${Math.max(...backlog).toFixed(2)} s`]);
  if (pulse.length > 0) {
    rows.push(
      ['database: a small query, median', `${ms(latencies[Math.floor(latencies.length / 2)]!)} ms`],
      ['database: a small query, at most', `${ms(latencies.at(-1)!)} ms`],
      ['database: connections, at most', `${Math.max(...pulse.map(({ connections }) => connections))}`],
    );
  }
  return {
    title: 'Queue and database',
    head: ['what', 'measured'],
    rows,
    empty: 'Neither was watched from here.',
  };
}

function useTable(observations: readonly Observation[]): Table {
  return {
    title: 'What the services took',
    head: ['service', 'cores', 'memory MB, at most', 'event-loop lag p99 ms, at most'],
    rows: serviceUse(observations).map(({ service, cores, memoryMb, loopLagMs }) => [
      service,
      cores.toFixed(2),
      memoryMb.toFixed(0),
      ms(loopLagMs),
    ]),
    empty: 'No service was watched from here.',
  };
}

function keptTable(observations: readonly Observation[]): Table {
  return {
    title: 'Prometheus and CloudWatch',
    head: ['from', 'figure', 'of', 'least', 'mean', 'most', 'its alarm'],
    rows: keptFigures(observations).map(({ source, figure, of, least, mean, most, alarm, beyondShare }) => [
      source,
      figure,
      of,
      any(least),
      any(mean),
      any(most),
      alarm === undefined
        ? ''
        : `${alarm.comparison} ${any(alarm.threshold)}: ${beyondShare === 0 ? 'never' : `${(beyondShare * 100).toFixed(0)} % of the run`}`,
    ]),
    empty: 'Neither was asked.',
  };
}

function gapTable(observations: readonly Observation[]): Table {
  return {
    title: 'What could not be read',
    head: ['source', 'times', 'at last because'],
    rows: gapsIn(observations).map(({ source, times, why }) => [source, `${times}`, why]),
    empty: 'Every source answered, each time.',
  };
}
