import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { stringify } from 'yaml';
import { derived } from './metric-names.ts';
import { findPrometheus } from './prometheus.ts';
import { ruleFile } from './rules.ts';

// Other programs are started often; a busy machine takes its time.
t.setTimeout(240_000);
const prometheus = await findPrometheus();
if (prometheus === undefined) throw new Error('Prometheus is missing: npm run setup');
const { promtool } = prometheus;

/** What a service itself prints: nothing below is spelt by this test. */
const printed = execFileSync(
  process.execPath,
  [fileURLToPath(new URL('../../services/platform/testing/print-metrics-child.ts', import.meta.url))],
  { encoding: 'utf8' },
);

interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}
const series: Series[] = [...printed.matchAll(/^(onsale_\w+)\{([^}]*)\} /gm)].map(([, name, labels]) => ({
  name: name!,
  labels: Object.fromEntries(
    [...labels!.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key!, value!]),
  ),
}));

/** The series of one route as a pod's scrape finds them, each with its run of values. */
function scraped(pod: string, valuesOf: (one: Series) => string | undefined) {
  return series.flatMap((one) => {
    const values = valuesOf(one);
    if (values === undefined) return [];
    const labels = Object.entries({ ...one.labels, namespace: 'onsale', pod });
    const text = labels.map(([key, value]) => `${key}="${value}"`).join(',');
    return [{ series: `${one.name}{${text}}`, values }];
  });
}

/** A pod that answers so many requests a second, of which a share takes 300 ms; scraped every 15 s for ten minutes. */
function pod(name: string, requestsPerSecond: number, slowShare: number, isReady = true) {
  return scraped(name, ({ name: metric, labels }) => {
    if (metric.startsWith('onsale_readiness')) return `${isReady || labels['check'] !== 'redis' ? 1 : 0}x40`;
    if (!metric.startsWith('onsale_http_request_duration') || labels['route'] !== '/public/ping')
      return undefined;
    const perScrape = requestsPerSecond * 15;
    const quick = metric.endsWith('_bucket') && labels['le'] !== '+Inf' && Number(labels['le']) < 0.3;
    return `0+${quick ? perScrape * (1 - slowShare) : perScrape}x40`;
  });
}

const folder = mkdtempSync(join(tmpdir(), 'onsale-rules-'));
let count = 0;

/** Evaluates a metric after five minutes of the series; throws what promtool says when it is not as expected. */
function evaluate(
  rules: object,
  input: readonly object[],
  metric: string,
  samples: readonly (Series & { value: number })[],
) {
  const file = join(folder, `${(count += 1)}`);
  writeFileSync(`${file}-rules.yaml`, stringify(rules, { lineWidth: 0 }));
  const labelsOf = ({ name, labels }: Series) =>
    `${name}{${Object.entries(labels)
      .map(([key, value]) => `${key}="${value}"`)
      .join(',')}}`;
  writeFileSync(
    `${file}-test.yaml`,
    stringify({
      rule_files: [`${file}-rules.yaml`],
      evaluation_interval: '15s',
      tests: [
        {
          interval: '15s',
          input_series: input,
          promql_expr_test: [
            {
              expr: metric,
              eval_time: '5m',
              exp_samples: samples.map((sample) => ({ labels: labelsOf(sample), value: sample.value })),
            },
          ],
        },
      ],
    }),
  );
  try {
    execFileSync(promtool, ['test', 'rules', `${file}-test.yaml`], { encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    throw new Error((error as { stdout: string }).stdout + (error as { stderr: string }).stderr, {
      cause: error,
    });
  }
}

const service = { namespace: 'onsale', service: 'public-api' };
const step = (value: number) => [
  { name: derived.slowStepPods, labels: { ...service, deployment: 'public-api' }, value },
];
const pods = (n: number, requestsPerSecond: number, slowShare: number) =>
  Array.from({ length: n }, (_, i) => pod(`public-api-${i}`, requestsPerSecond, slowShare)).flat();

const check = (
  t: Test,
  ...given: Parameters<typeof evaluate> extends [object, ...infer Rest] ? Rest : never
) => t.doesNotThrow(() => evaluate(ruleFile, ...given), given[1]);

t.test('the rules are valid to Prometheus', async (t) => {
  const file = join(folder, 'rules.yaml');
  writeFileSync(file, stringify(ruleFile, { lineWidth: 0 }));
  t.match(
    execFileSync(promtool, ['check', 'rules', '--lint=all', file], { encoding: 'utf8' }),
    /SUCCESS: 5 rules found/,
  );
});

t.test('requests a second are counted for each pod', async (t) => {
  check(t, [...pod('a', 800, 0), ...pod('b', 40, 0)], derived.requestsPerSecond, [
    { name: derived.requestsPerSecond, labels: { ...service, pod: 'a' }, value: 800 },
    { name: derived.requestsPerSecond, labels: { ...service, pod: 'b' }, value: 40 },
  ]);
});

t.test('slow and busy: a fifth more than the pods that are ready', async (t) => {
  check(t, pods(10, 500, 0.06), derived.slowStepPods, step(12));
  check(t, pods(1, 500, 0.06), derived.slowStepPods, step(2));
  check(t, [...pods(10, 500, 0.06), ...pod('starting', 0, 0, false)], derived.slowStepPods, step(12));
});

t.test('quick enough, or hardly used: nothing is asked for', async (t) => {
  check(t, pods(10, 500, 0.04), derived.slowStepPods, step(0));
  check(t, pods(2, 2, 1), derived.slowStepPods, step(0));
});

t.test('zero traffic is 0 and not absent, or nothing would scale in at night', async (t) => {
  check(t, pods(2, 0, 0), derived.slowStepPods, step(0));
  const neverAsked = scraped('fresh', ({ name }) =>
    name.startsWith('onsale_readiness') ? '1x40' : undefined,
  );
  check(t, neverAsked, derived.slowStepPods, step(0));
});

t.test('a warmed floor of idle pods asks for nothing', async (t) => {
  check(
    t,
    [...pods(1, 100, 0), ...Array.from({ length: 39 }, (_, i) => pod(`idle-${i}`, 0, 0)).flat()],
    derived.slowStepPods,
    step(0),
  );
});

t.test('no pods scraped: absent, so nobody scales in on ignorance', async (t) => {
  check(t, [{ series: 'up{namespace="onsale",pod="a"}', values: '1x40' }], derived.slowStepPods, []);
});

t.test('another name of any metric breaks a rule', async (t) => {
  const names = new Set(series.map(({ name }) => name.replace(/_(bucket|count|sum)$/, '')));
  const text = JSON.stringify(ruleFile);
  const used = [...names].filter((name) => text.includes(name));
  t.equal(used.length, 2, 'the rules read the registry’s names');
  for (const name of [
    ...used,
    derived.readyPods,
    derived.serviceRequestsPerSecond,
    derived.slowRequestsPerSecond,
  ]) {
    // Each place for itself: a name that is changed where it is made and everywhere it is used is still one name.
    const places = text.split(name).length - 1;
    for (let place = 0; place < places; place += 1) {
      let seen = -1;
      const changed = text.replaceAll(name, (found) => ((seen += 1) === place ? `${found}_x` : found));
      t.throws(() => {
        const rules = JSON.parse(changed) as object;
        evaluate(rules, pods(2, 500, 0.06), derived.slowStepPods, step(3));
        evaluate(rules, pods(2, 500, 0.04), derived.slowStepPods, step(0));
        const fresh = scraped('fresh', ({ name: metric }) =>
          metric.startsWith('onsale_readiness') ? '1x40' : undefined,
        );
        evaluate(rules, fresh, derived.slowStepPods, step(0));
        evaluate(rules, pod('a', 8, 0), derived.requestsPerSecond, [
          { name: derived.requestsPerSecond, labels: { ...service, pod: 'a' }, value: 8 },
        ]);
      }, `${name}, place ${place}`);
    }
  }
});
