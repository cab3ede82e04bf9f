import type { Digest } from './digest.ts';
import type { K6Summary, RunRecord } from './run-record.ts';

/** One thing that a run had to show. */
export interface Verdict {
  readonly what: string;
  readonly isMet: boolean;
  readonly found: string;
}

/**
 * Everything a run had to show, k6's thresholds first. Figures that are missing are a failure of their own: a runner that was
 * killed took its part of the load, and of the faults it would have seen, with it.
 */
export function judge(
  record: RunRecord,
  summaries: readonly (K6Summary | undefined)[],
  digest: Digest | undefined,
): Verdict[] {
  const present = summaries.filter((one) => one !== undefined);
  const crossed = thresholds(present, record.runners);
  const verdicts: Verdict[] = [
    {
      what: 'every runner ended by itself and left its figures',
      isMet: present.length === record.runners && record.exitCode !== null,
      found: `${present.length} of ${record.runners}${record.exitCode === null ? ', k6 was killed' : ''}`,
    },
    {
      what: 'the run was not interrupted',
      isMet: !record.wasInterrupted,
      found: record.wasInterrupted ? 'it was' : 'no',
    },
    ...exitVerdict(record.exitCode, crossed),
    ...crossed,
  ];
  if (digest === undefined) return verdicts;
  const counted = present.reduce(
    (sum, { metrics }) => sum + (metrics['orders_confirmed']?.values['count'] ?? 0),
    0,
  );
  verdicts.push(
    {
      what: 'no seat has two confirmed orders, over all flows',
      isMet: digest.soldTwice.length === 0,
      found:
        digest.soldTwice.length === 0
          ? `${digest.confirmed} orders`
          : digest.soldTwice.slice(0, 5).join(', '),
    },
    {
      what: 'raw output and summaries tell of the same orders',
      isMet: counted === digest.confirmed,
      found: `${digest.confirmed} and ${counted}`,
    },
  );
  return verdicts;
}

/** What the exit code says beyond the thresholds: 99 means "a threshold was crossed", which they say better where they do. */
function exitVerdict(exitCode: number | null, judged: readonly Verdict[]): Verdict[] {
  if (exitCode === null || exitCode === 0) return [];
  if (exitCode !== 99) return [{ what: 'k6 ran', isMet: false, found: `exit code ${exitCode}` }];
  return judged.every(({ isMet }) => isMet)
    ? [
        {
          what: 'no threshold was crossed',
          isMet: false,
          found: 'one was, by a runner that did not say which',
        },
      ]
    : [];
}

/** Of several runners the worst figure counts: percentiles do not add up, and a target broken on one is broken. */
function thresholds(summaries: readonly K6Summary[], runners: number): Verdict[] {
  const part = summaries.length < runners ? ` (${summaries.length} of ${runners} runners)` : '';
  const names = new Set(
    summaries.flatMap(({ metrics }) =>
      Object.entries(metrics).flatMap(([metric, { thresholds: all = {} }]) =>
        Object.keys(all).map((threshold) => `${metric} ${threshold}`),
      ),
    ),
  );
  return [...names].sort().map((name) => {
    const [metric, threshold] = name.split(/ (?=[^ ]+$)/) as [string, string];
    const found = summaries.flatMap(({ metrics }) => {
      const one = metrics[metric];
      const result = one?.thresholds?.[threshold];
      return one && result ? [{ ...result, count: countOf(one), value: valueOf(one.values, threshold) }] : [];
    });
    if (found.length > 0 && found.every(({ count }) => count === 0))
      return { what: name, isMet: false, found: `nothing measured${part}` };
    return {
      what: name,
      isMet: found.length === summaries.length && found.every(({ ok }) => ok),
      found: found.map(({ value }) => value).join(', ') + part,
    };
  });
}

/** How many values a percentile is of: a run that ended early never came to some of what its targets are about. */
const countOf = ({ type, values }: K6Summary['metrics'][string]) =>
  type === 'trend' ? values['count'] : undefined;

function valueOf(values: Readonly<Record<string, number>>, threshold: string): string {
  const value = values[threshold.split(/[<>=]/)[0]!.trim()];
  if (value === undefined) return 'none';
  return Number.isInteger(value) ? String(value) : value < 1 ? value.toFixed(4) : value.toFixed(1);
}
