import type { Digest } from './digest.ts';
import { numberText } from './number-text.ts';
import type { Table } from './report.ts';
import type { ReportInput } from './report-input.ts';
import type { K6Summary } from './run-record.ts';
import { stepTimes } from './step-times.ts';

const { ms, percent, any } = numberText;

/** What k6 saw: requests by step and by API, and orders. */
export function loadTables({ profile, record, digest, summaries }: ReportInput): Table[] {
  const times = stepTimes(profile, record);
  return [stepTable(times, digest), apiTable(times, digest), orderTable(summaries)];
}

type StepTimes = ReturnType<typeof stepTimes>;

function stepTable(times: StepTimes, digest: Digest | undefined): Table {
  return {
    title: 'Requests per second, by step',
    head: ['step', 'asked', 'measured', 'p50 ms', 'p95 ms', 'p99 ms', 'success'],
    rows: times.flatMap(({ step, seconds }) => {
      const found = digest?.requests.find((one) => one.api === 'all' && one.step === step.name);
      if (found === undefined) return [];
      const asked = [...(step.fromRps === undefined ? [] : [step.fromRps]), step.rps].map(any).join(' → ');
      const { count, failed, p50Ms, p95Ms, p99Ms } = found;
      const perSecond = (count / seconds).toFixed(1);
      return [[step.name, asked, perSecond, ms(p50Ms), ms(p95Ms), ms(p99Ms), percent(1 - failed / count)]];
    }),
    empty: 'No raw output was kept: ask Prometheus for `k6_http_reqs_total` by step.',
  };
}

function apiTable(times: StepTimes, digest: Digest | undefined): Table {
  const secondsOf = (name: string) =>
    times.reduce((sum, { step, seconds }) => sum + (name === 'all' || name === step.name ? seconds : 0), 0);
  return {
    title: 'Latency and success, by API and step',
    head: ['API', 'step', 'requests', 'a second', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms', 'success'],
    rows: (digest?.requests ?? [])
      .filter(({ api }) => api !== 'all')
      .toSorted((a, b) => a.api.localeCompare(b.api))
      .map(({ api, step, count, failed, p50Ms, p95Ms, p99Ms, maxMs }) => [
        api,
        step,
        `${count}`,
        (count / secondsOf(step)).toFixed(1),
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
