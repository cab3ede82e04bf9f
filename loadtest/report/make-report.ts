import type { Profile } from '../profiles/profile.ts';
import type { Digest } from './digest.ts';
import { judge, type Verdict } from './judge.ts';
import type { K6Summary, Mark, Observation, RunRecord } from './run-record.ts';
import {
  cacheHits,
  databasePulse,
  gaugeOverTime,
  recoveries,
  scalingReactions,
  serviceUse,
} from './system-figures.ts';

export interface ReportInput {
  readonly profile: Profile;
  readonly record: RunRecord;
  /** One of each runner; undefined where it left none. */
  readonly summaries: readonly (K6Summary | undefined)[];
  /** Undefined where raw output was not kept, as in pods. */
  readonly digest: Digest | undefined;
  readonly observations: readonly Observation[];
  readonly marks: readonly Mark[];
}

export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Said where there are no rows. */
  readonly empty: string;
}

export interface Plot {
  readonly title: string;
  readonly unit: string;
  /** Points by the seconds since the run's start. */
  readonly lines: readonly {
    readonly name: string;
    readonly points: readonly (readonly [number, number])[];
  }[];
}

/** A report before it is a page. */
export interface Report {
  readonly title: string;
  readonly facts: readonly string[];
  readonly isPassed: boolean;
  readonly verdicts: readonly Verdict[];
  readonly tables: readonly Table[];
  readonly plots: readonly Plot[];
}

const ms = (value: number) => `${value < 10 ? value.toFixed(1) : value.toFixed(0)}`;
const percent = (share: number) => `${(share * 100).toFixed(2)} %`;
const seconds = (value: number | undefined) =>
  value === undefined ? 'not in this run' : `${value.toFixed(1)} s`;

/** Makes the report of a run: data in, report out. */
export function makeReport(input: ReportInput): Report {
  const { profile, record, summaries, digest, observations, marks } = input;
  const verdicts = judge(record, summaries, digest);
  return {
    title: `Load test ${profile.name}, ${new Date(record.startedAtMs).toISOString().slice(0, 19)}Z`,
    facts: [
      profile.description,
      `against ${record.base}, ${((record.endedAtMs - record.startedAtMs) / 1000).toFixed(0)} s, ${record.runners} runner${record.runners === 1 ? '' : 's'}`,
      record.machine,
    ],
    isPassed: verdicts.every(({ isMet }) => isMet),
    verdicts,
    tables: [
      stepTable(profile, digest),
      apiTable(digest),
      orderTable(summaries),
      reactionTable(input),
      recoveryTable(marks, digest, profile),
      cacheTable(observations),
      storeTable(observations),
      useTable(observations),
    ],
    plots: plotsOf(input),
  };
}

function stepTable(profile: Profile, digest: Digest | undefined): Table {
  return {
    title: 'Requests per second, by step',
    head: ['step', 'asked', 'measured', 'p50 ms', 'p95 ms', 'p99 ms', 'success'],
    rows: profile.steps.flatMap((step) => {
      const found = digest?.requests.find((one) => one.api === 'all' && one.step === step.name);
      if (found === undefined) return [];
      const asked = step.fromRps === undefined ? `${step.rps}` : `${step.fromRps} → ${step.rps}`;
      const { count, failed, p50Ms, p95Ms, p99Ms } = found;
      return [
        [
          step.name,
          asked,
          (count / step.seconds).toFixed(1),
          ms(p50Ms),
          ms(p95Ms),
          ms(p99Ms),
          percent(1 - failed / count),
        ],
      ];
    }),
    empty: 'No raw output was kept: ask Prometheus for `k6_http_reqs_total` by step.',
  };
}

function apiTable(digest: Digest | undefined): Table {
  return {
    title: 'Latency and success, by API and step',
    head: ['API', 'step', 'requests', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms', 'success'],
    rows: (digest?.requests ?? [])
      .filter(({ api }) => api !== 'all')
      .toSorted((a, b) => a.api.localeCompare(b.api))
      .map(({ api, step, count, failed, p50Ms, p95Ms, p99Ms, maxMs }) => [
        api,
        step,
        `${count}`,
        ms(p50Ms),
        ms(p95Ms),
        ms(p99Ms),
        ms(maxMs),
        percent(1 - failed / count),
      ]),
    empty: 'No raw output was kept: the thresholds above have each API’s p95.',
  };
}

function orderTable(summaries: readonly (K6Summary | undefined)[]): Table {
  const names = [
    'orders_confirmed',
    'orders_rejected',
    'lost_orders',
    'double_sold',
    'holds_refused',
    'turns_missed',
    'dropped_iterations',
  ];
  const present = summaries.filter((one) => one !== undefined);
  const longest = (stat: string) =>
    Math.max(...present.map(({ metrics }) => metrics['order_duration']?.values[stat] ?? 0));
  return {
    title: 'Orders',
    head: ['what', 'count'],
    rows:
      present.length === 0
        ? []
        : [
            ...names.map((name) => [
              name.replaceAll('_', ' '),
              `${present.reduce((sum, { metrics }) => sum + (metrics[name]?.values['count'] ?? 0), 0)}`,
            ]),
            ['commit to CONFIRMED, p50', `${ms(longest('med'))} ms`],
            ['commit to CONFIRMED, p95', `${ms(longest('p(95)'))} ms`],
          ],
    empty: 'No runner left figures.',
  };
}

function reactionTable({ observations, digest, profile }: ReportInput): Table {
  const isWatched = observations.some(({ kind }) => kind === 'pods');
  return {
    title: 'Scaling reaction: p95 beyond its target until new pods served',
    head: ['deployment', 'after'],
    rows: scalingReactions(observations, digest?.seconds ?? [], profile.targets.p95Ms).map(
      ({ deployment, reactionSeconds }) => [deployment, seconds(reactionSeconds)],
    ),
    empty: isWatched ? 'The target was kept: nothing to react to.' : 'No cluster was watched.',
  };
}

function recoveryTable(marks: readonly Mark[], digest: Digest | undefined, profile: Profile): Table {
  return {
    title: 'Recovery after injected faults',
    head: ['fault', 'until five good seconds'],
    rows: recoveries(marks, digest?.seconds ?? [], profile.targets.p95Ms).map(({ what, recoverySeconds }) => [
      what,
      seconds(recoverySeconds),
    ]),
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
    empty: 'No service was watched.',
  };
}

function storeTable(observations: readonly Observation[]): Table {
  const pulse = databasePulse(observations);
  const backlog = gaugeOverTime(observations, 'onsale_admission_backlog_seconds').map(({ value }) => value);
  const latencies = pulse.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
  const rows: string[][] = [];
  if (backlog.length > 0)
    rows.push(['commit queue: time to work it off, at most', `${Math.max(...backlog).toFixed(2)} s`]);
  if (pulse.length > 0) {
    rows.push(
      ['database: a small query, median', `${ms(latencies[Math.floor(latencies.length / 2)]!)} ms`],
      ['database: a small query, at most', `${ms(latencies.at(-1)!)} ms`],
      ['database: connections, at most', `${Math.max(...pulse.map(({ connections }) => connections))}`],
    );
  }
  return { title: 'Queue and database', head: ['what', 'measured'], rows, empty: 'Neither was watched.' };
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
    empty: 'No service was watched.',
  };
}

function plotsOf({ record, digest, observations }: ReportInput): Plot[] {
  const perSecond = digest?.seconds ?? [];
  const line = (name: string, value: (one: (typeof perSecond)[number]) => number) => ({
    name,
    points: perSecond.map((one) => [one.second - record.startedAtMs / 1000, value(one)] as const),
  });
  const over = (name: string, samples: readonly { atMs: number; value: number }[]) => ({
    name,
    points: samples.map(({ atMs, value }) => [(atMs - record.startedAtMs) / 1000, value] as const),
  });
  const pulse = databasePulse(observations);
  const pods = observations.filter((one) => one.kind === 'pods');
  const plots: Plot[] = [
    {
      title: 'Requests',
      unit: 'per second',
      lines: [line('answered', ({ count }) => count), line('failed', ({ failed }) => failed)],
    },
    {
      title: 'Latency',
      unit: 'ms',
      lines: [
        line('p50', ({ p50Ms }) => p50Ms),
        line('p95', ({ p95Ms }) => p95Ms),
        line('p99', ({ p99Ms }) => p99Ms),
      ],
    },
    {
      title: 'Commit queue: time to work it off',
      unit: 's',
      lines: [over('backlog', gaugeOverTime(observations, 'onsale_admission_backlog_seconds'))],
    },
    {
      title: 'Database connections',
      unit: '',
      lines: [
        over(
          'connections',
          pulse.map(({ atMs, connections }) => ({ atMs, value: connections })),
        ),
      ],
    },
    {
      title: 'Database latency',
      unit: 'ms',
      lines: [
        over(
          'small query',
          pulse.map(({ atMs, latencyMs }) => ({ atMs, value: latencyMs })),
        ),
      ],
    },
    {
      title: 'Ready pods',
      unit: '',
      lines: [...Map.groupBy(pods, ({ deployment }) => deployment)].map(([deployment, looks]) =>
        over(
          deployment,
          looks.map(({ atMs, ready }) => ({ atMs, value: ready })),
        ),
      ),
    },
  ];
  return plots.filter(({ lines }) => lines.some(({ points }) => points.length > 1));
}
