import type { Plot } from './report.ts';
import type { ReportInput } from './report-input.ts';
import { stepTimes } from './step-times.ts';
import { databasePulse, gaugeOverTime } from './system-figures.ts';

interface Sample {
  readonly atMs: number;
  readonly value: number;
}

/** Everything that has a course over the run; what never changed is in the tables alone. */
export function reportPlots({ profile, record, digest, observations, marks }: ReportInput): Plot[] {
  const second = (atMs: number) => (atMs - record.startedAtMs) / 1000;
  const line = (name: string, samples: readonly Sample[]) => ({
    name,
    points: samples.map(({ atMs, value }) => [second(atMs), value] as const),
  });
  const perSecond = digest?.seconds ?? [];
  const each = (name: string, value: (one: (typeof perSecond)[number]) => number) =>
    line(
      name,
      perSecond.map((one) => ({ atMs: one.second * 1000, value: value(one) })),
    );
  const pulse = databasePulse(observations);
  const pods = observations.filter((one) => one.kind === 'pods');
  const plots: Plot[] = [
    {
      title: 'Requests',
      unit: 'per second',
      lines: [each('answered', ({ count }) => count), each('failed', ({ failed }) => failed)],
    },
    {
      title: 'Latency',
      unit: 'ms',
      lines: [
        each('p50', ({ p50Ms }) => p50Ms),
        each('p95', ({ p95Ms }) => p95Ms),
        each('p99', ({ p99Ms }) => p99Ms),
      ],
    },
    {
      title: 'Commit queue',
      unit: 's',
      lines: [
        line('time to work it off', gaugeOverTime(observations, 'onsale_admission_backlog_seconds')),
        line(
          'age of the oldest',
          pulse.map(({ atMs, oldestCommitSeconds }) => ({ atMs, value: oldestCommitSeconds ?? 0 })),
        ),
      ],
    },
    {
      title: 'Database connections',
      unit: '',
      lines: [
        line(
          'connections',
          pulse.map(({ atMs, connections }) => ({ atMs, value: connections })),
        ),
      ],
    },
    {
      title: 'Database latency',
      unit: 'ms',
      lines: [
        line(
          'small query',
          pulse.map(({ atMs, latencyMs }) => ({ atMs, value: latencyMs })),
        ),
      ],
    },
    {
      title: 'Pods that serve',
      unit: '',
      lines: [...Map.groupBy(pods, ({ deployment, by }) => `${deployment}, by ${by}`)].map(([name, looks]) =>
        line(
          name,
          looks.map(({ atMs, ready }) => ({ atMs, value: ready })),
        ),
      ),
    },
    ...keptPlots({ observations, line }),
  ];
  const faults = marks.map(({ atMs, what }) => ({ what, second: second(atMs), isFault: true }));
  // Pods begin when they begin: only here is the run's start the first step's.
  const begun = digest === undefined ? [] : stepTimes(profile, record);
  const notes = [
    ...begun.map(({ step, fromSecond }) => ({ what: step.name, second: fromSecond, isFault: false })),
    ...faults,
  ];
  return plots
    .map((plot) => ({ ...plot, lines: plot.lines.filter(({ points }) => points.length > 1) }))
    .filter(({ lines }) => lines.length > 0)
    .map((plot) => ({ ...plot, notes }));
}

function keptPlots({
  observations,
  line,
}: {
  observations: ReportInput['observations'];
  line: (name: string, samples: readonly Sample[]) => Plot['lines'][number];
}): Plot[] {
  const figures = observations.filter((one) => one.kind === 'figure');
  return [...Map.groupBy(figures, ({ source, figure }) => `${figure}, from ${source}`)]
    .filter(([, samples]) => new Set(samples.map(({ value }) => value)).size > 1)
    .map(([title, samples]) => ({
      title,
      unit: '',
      lines: [...Map.groupBy(samples, ({ of }) => of)].map(([of, own]) => line(of, own)),
    }));
}
