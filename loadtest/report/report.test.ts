import t from 'tap';
import { profileNamed } from '../profiles/all-profiles.ts';
import { digestPoints } from './digest.ts';
import { makeReport } from './make-report.ts';
import type { ReportInput } from './report-input.ts';
import { reportHtml, reportMarkdown } from './report-pages.ts';
import type { K6Summary, Observation, RunRecord } from './run-record.ts';

const startMs = Date.parse('2026-05-01T10:00:00Z');
const at = (seconds: number) => startMs + seconds * 1000;
const profile = profileNamed('smoke');

const record: RunRecord = {
  profile,
  base: 'http://127.0.0.1:8080',
  startedAtMs: startMs,
  endedAtMs: at(80),
  machine: '2 cores',
  runners: 1,
  exitCode: 0,
  wasInterrupted: false,
};

const summary = (confirmed: number, isFast = true): K6Summary => ({
  metrics: {
    orders_confirmed: {
      type: 'counter',
      values: { count: confirmed },
      thresholds: { 'count>0': { ok: true } },
    },
    double_sold: { type: 'counter', values: { count: 0 }, thresholds: { 'count<1': { ok: true } } },
    'http_req_duration{api:hold}': {
      type: 'trend',
      values: { 'p(95)': isFast ? 40 : 400 },
      thresholds: { 'p(95)<200': { ok: isFast } },
    },
  },
});

/** A line as k6 writes it, of a request that was sent at this second. */
const requestLine = (
  second: number,
  durationMs: number,
  { api = 'hold', step = 'steady', isGood = true } = {},
) =>
  `{"metric":"http_req_duration","type":"Point","data":{"time":"${new Date(at(second) + durationMs).toISOString()}","value":${durationMs},"tags":{"api":"${api}","expected_response":"${isGood}","step":"${step}"}}}`;
const orderLine = (seat: string, order: string) =>
  `{"metric":"orders_confirmed","type":"Point","data":{"time":"2026-05-01T10:00:00Z","value":1,"tags":{},"metadata":{"seat":"${seat}","order":"${order}"}}}`;

const steady = Array.from({ length: 100 }, (_, index) => requestLine(index / 10, index + 1));

async function inputOf(lines: readonly string[], more: Partial<ReportInput> = {}): Promise<ReportInput> {
  const digest = await digestPoints(lines);
  return {
    profile,
    record,
    summaries: [summary(digest.confirmed)],
    digest,
    observations: [],
    marks: [],
    ...more,
  };
}
const missedIn = (input: ReportInput) =>
  makeReport(input)
    .verdicts.filter(({ isMet }) => !isMet)
    .map(({ what }) => what);
const rowsIn = (input: ReportInput, title: RegExp) =>
  makeReport(input).tables.find((one) => title.test(one.title))!.rows;

t.test('percentiles and success, by API and step', async (t) => {
  const input = await inputOf([...steady, requestLine(3, 500, { api: 'enter', isGood: false }), '{"cut sh']);
  t.strictSame(
    rowsIn(input, /by API/).find(([api, step]) => api === 'hold' && step === 'steady'),
    ['hold', 'steady', '100', '3.3', '50', '95', '99', '100', '100.00 %'],
  );
  t.strictSame(rowsIn(input, /by API/)[0], [
    'enter',
    'steady',
    '1',
    '0.0',
    '500',
    '500',
    '500',
    '500',
    '0.00 %',
  ]);
  t.equal(rowsIn(input, /per second/)[0]![2], (101 / 30).toFixed(1));
});

t.test('a good run passes', async (t) => {
  t.strictSame(
    missedIn(await inputOf([...steady, orderLine('a R1C1', 'o1'), orderLine('a R1C2', 'o2')])),
    [],
  );
});

t.test('a seat with two confirmed orders fails, one order told of twice does not', async (t) => {
  const twice = await inputOf([orderLine('a R1C1', 'o1'), orderLine('a R1C1', 'o2')]);
  t.strictSame(missedIn(twice), ['no seat has two confirmed orders, over all flows']);
  t.strictSame(missedIn(await inputOf([orderLine('a R1C1', 'o1'), orderLine('a R1C1', 'o1')])), []);
});

t.test('a runner without figures fails the run, whatever the others say', async (t) => {
  const input = await inputOf([]);
  const missing = 'every runner ended by itself and left its figures';
  t.strictSame(missedIn({ ...input, record: { ...record, runners: 2 } }), [missing]);
  t.strictSame(
    missedIn({ ...input, record: { ...record, runners: 2 }, summaries: [summary(0), undefined] }),
    [missing],
  );
  t.strictSame(missedIn({ ...input, record: { ...record, exitCode: null } }), [missing]);
});

t.test('a threshold missed on one runner is missed', async (t) => {
  const input = await inputOf([], {
    digest: undefined,
    summaries: [summary(3), summary(4, false)],
    record: { ...record, runners: 2, exitCode: 99 },
  });
  t.strictSame(missedIn(input), ['http_req_duration{api:hold} p(95)<200']);
  t.strictSame(rowsIn(input, /^Orders/)[0], ['orders confirmed', '7']);
});

t.test(
  'a threshold crossed by a runner that left no figures still fails, and figures say whose they are',
  async (t) => {
    const lost = await inputOf([], {
      digest: undefined,
      summaries: [summary(3)],
      record: { ...record, runners: 2, exitCode: 99 },
    });
    t.strictSame(missedIn(lost), [
      'every runner ended by itself and left its figures',
      'no threshold was crossed',
    ]);
    const { verdicts } = makeReport(lost);
    t.equal(verdicts.find(({ what }) => what.startsWith('orders_confirmed'))?.found, '3 (1 of 2 runners)');
  },
);

t.test('a target of what never ran is not met', async (t) => {
  const never: K6Summary = {
    metrics: {
      'http_req_duration{step:step-up}': {
        type: 'trend',
        values: { count: 0, 'p(95)': 0 },
        thresholds: { 'p(95)<200': { ok: true } },
      },
    },
  };
  const early = { ...record, endedAtMs: at(25), exitCode: 99 };
  const input = await inputOf(steady, { summaries: [never], record: early });
  t.strictSame(missedIn(input), ['http_req_duration{step:step-up} p(95)<200']);
  t.match(makeReport(input).facts[1], /25 s, ended early: 80 s were planned/);
  // The step began after ten seconds of warming up, and had fifteen of its thirty.
  t.equal(rowsIn(input, /per second/)[0]![2], (100 / 15).toFixed(1));
});

t.test('lost raw output, Ctrl-C and a k6 that could not start each fail', async (t) => {
  const input = await inputOf([orderLine('a R1C1', 'o1')]);
  t.strictSame(missedIn({ ...input, summaries: [summary(2)] }), [
    'raw output and summaries tell of the same orders',
  ]);
  t.strictSame(missedIn({ ...input, record: { ...record, wasInterrupted: true } }), [
    'the run was not interrupted',
  ]);
  t.strictSame(missedIn({ ...input, record: { ...record, exitCode: 107 } }), ['k6 ran']);
});

const services = (second: number, hits: number, misses: number, cpu: number): Observation => ({
  atMs: at(second),
  kind: 'service',
  service: 'public-api',
  replica: 'a',
  samples: [
    { name: 'onsale_cache_requests_total', labels: { cache: 'seat-map', result: 'hit' }, value: hits },
    { name: 'onsale_cache_requests_total', labels: { cache: 'seat-map', result: 'miss' }, value: misses },
    { name: 'process_cpu_seconds_total', labels: {}, value: cpu },
    { name: 'onsale_admission_backlog_seconds', labels: {}, value: second / 10 },
  ],
});

t.test('caches, processor, queue and database, over the run alone', async (t) => {
  const input = await inputOf([], {
    observations: [
      services(0, 1000, 1000, 50),
      { atMs: at(5), kind: 'database', connections: 7, latencyMs: 2, oldestCommitSeconds: 0.4 },
      services(10, 1090, 1010, 55),
    ],
  });
  t.strictSame(rowsIn(input, /Cache/), [['public-api', 'seat-map', '100', '90.00 %']]);
  t.equal(rowsIn(input, /services took/)[0]![1], '0.50');
  t.strictSame(
    rowsIn(input, /Queue and database/).map(([, value]) => value),
    ['0.40 s', '1.00 s', '2.0 ms', '2.0 ms', '7'],
  );
});

/** A request a second, slow and failing between two instants. */
const withTrouble = (from: number, to: number) =>
  Array.from({ length: 60 }, (_, second) =>
    requestLine(second, second >= from && second < to ? 900 : 20, { isGood: second < from || second >= to }),
  );

t.test('recovery is from the fault to five good seconds in a row', async (t) => {
  const marks = [{ atMs: at(20), what: 'Redis killed' }];
  t.strictSame(rowsIn(await inputOf(withTrouble(21, 33), { marks }), /Recovery/), [
    ['Redis killed', 'at 20.0 s', '13.0 s'],
  ]);
  t.strictSame(rowsIn(await inputOf(withTrouble(21, 60), { marks }), /Recovery/), [
    ['Redis killed', 'at 20.0 s', 'not in this run'],
  ]);
});

t.test('what hangs is no recovery, though others answer quickly meanwhile', async (t) => {
  const others = Array.from({ length: 60 }, (_, second) => requestLine(second, 20, { api: 'status' }));
  const hanging = Array.from({ length: 60 }, (_, second) =>
    requestLine(second, second >= 20 && second < 30 ? (30 - second) * 1000 + 20 : 20),
  );
  const marks = [{ atMs: at(20), what: 'a service stopped' }];
  t.strictSame(rowsIn(await inputOf([...others, ...hanging], { marks }), /Recovery/), [
    ['a service stopped', 'at 20.0 s', '10.0 s'],
  ]);
});

t.test('scaling reaction is from the breach to more ready pods', async (t) => {
  const pods = (second: number, ready: number): Observation => ({
    atMs: at(second),
    kind: 'pods',
    deployment: 'public-api',
    ready,
    by: 'Kubernetes',
  });
  const observations = [pods(0, 2), pods(25, 2), pods(70, 2), pods(95, 3)];
  t.strictSame(rowsIn(await inputOf(withTrouble(20, 40), { observations }), /Scaling/), [
    ['public-api', 'Kubernetes', 'at 20.0 s, by k6', '75.0 s'],
  ]);
  t.strictSame(rowsIn(await inputOf(withTrouble(60, 60), { observations }), /Scaling/), []);
});

t.test('the pages stand by themselves and let nothing through', async (t) => {
  const input = await inputOf([...steady, ...withTrouble(20, 30)], {
    record: { ...record, machine: '<script>alert(1)</script>' },
    summaries: [undefined],
  });
  const report = makeReport(input);
  const html = reportHtml(report);
  t.match(html, /<svg viewBox/);
  t.notMatch(html, /<script|https?:\/\/(?!127\.0\.0\.1)|NaN|Infinity|undefined/);
  const markdown = reportMarkdown(report);
  t.match(markdown, /\*\*Failed: 1 of \d+ missed\.\*\*/);
  t.match(markdown, /\| MISSED \| every runner ended/);
  t.equal(reportMarkdown(makeReport(input)), markdown, 'the same data, the same report');
});
