import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findPrometheus } from '@onsale/cdk8s/scaling/prometheus';
import { freePorts } from '@onsale/control-plane/free-ports';
import t from 'tap';
import { paceOf } from '../report/pace.ts';
import type { Observation } from '../report/run-record.ts';
import { scalingReactions } from '../report/scaling-reactions.ts';
import { prometheusSource } from './prometheus-source.ts';

// A real Prometheus is started; a busy machine takes its time.
t.setTimeout(240_000);
const programs = await findPrometheus();
if (programs === undefined) throw new Error('Prometheus is missing: npm run setup');
const { promtool, server } = programs;

/** Of a run that began an hour ago, in whole steps. */
const startMs = Math.floor((Date.now() - 3_600_000) / 15_000) * 15_000;
const minutes = 10;
/** Answers take 20 ms, from the third minute to the sixth 900 ms; the second pod is there from the fifth. */
const isSlow = (second: number) => second >= 120 && second < 360;

/** What services are scraped for, every 15 s, in OpenMetrics. */
function scraped(): string {
  const families = new Map<string, string[]>();
  const put = (family: string, name: string, labels: string, value: number, second: number) => {
    const lines = families.get(family) ?? [];
    families.set(family, lines);
    lines.push(`${name}{${labels}} ${value} ${startMs / 1000 + second}`);
  };
  let [quick, all] = [0, 0];
  for (let second = 0; second <= minutes * 60; second += 15) {
    all += 1500;
    if (!isSlow(second)) quick += 1500;
    const request = 'onsale_http_request_duration_seconds';
    for (const [le, count] of [
      ['0.05', quick],
      ['0.2', quick],
      ['1', all],
      ['+Inf', all],
    ] as const)
      put(request, `${request}_bucket`, `service="public-api",status="200",le="${le}"`, count, second);
    put(request, `${request}_count`, 'service="public-api",status="200"', all, second);
    put('ready', 'onsale_ready_pods', 'service="public-api"', second < 300 ? 1 : 2, second);
    const reads = 'onsale_cache_requests_total';
    put(reads, reads, 'service="public-api",cache="seat-map",result="hit"', second * 9, second);
    put(reads, reads, 'service="public-api",cache="seat-map",result="miss"', second, second);
    put('backlog', 'onsale_admission_backlog_seconds', 'service="public-api"', second / 100, second);
  }
  return `${[...families.values()].flat().join('\n')}\n# EOF\n`;
}

/** A Prometheus that has scraped this run; its address. */
async function startPrometheus(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'onsale-prometheus-'));
  await mkdir(join(folder, 'data'));
  await writeFile(join(folder, 'scraped.txt'), scraped());
  await writeFile(join(folder, 'prometheus.yaml'), 'global: {}\n');
  const toBlocks = ['tsdb', 'create-blocks-from', 'openmetrics'];
  await promisify(execFile)(promtool, [...toBlocks, join(folder, 'scraped.txt'), join(folder, 'data')]);
  const [port] = await freePorts(1);
  const child = spawn(
    server,
    [
      `--config.file=${join(folder, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise((resolve) => child.once('close', resolve));
  t.teardown(async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true });
  });
  const url = `http://127.0.0.1:${port}`;
  for (const deadline = performance.now() + 120_000; ; await delay(100)) {
    const isReady = await fetch(`${url}/-/ready`).then(
      async (answer) => (await answer.text()) !== '' && answer.ok,
      () => false,
    );
    if (isReady) return url;
    if (performance.now() > deadline || child.exitCode !== null) throw new Error('Prometheus does not start');
  }
}

const url = await startPrometheus();
const signal = new AbortController().signal;
const window = { fromMs: startMs, toMs: startMs + minutes * 60_000, signal };

t.test('figures of a real Prometheus tell of breach, reaction and caches', async (t) => {
  const seen = await prometheusSource(`${url}/`).read(window);
  const figures = (name: string) =>
    seen.filter(
      (one): one is Extract<Observation, { kind: 'figure' }> => one.kind === 'figure' && one.figure === name,
    );
  const latency = figures('service-latency');
  t.match(latency[0], {
    source: 'Prometheus',
    of: 'public-api',
    alarm: { comparison: 'above', threshold: 0.2 },
  });
  t.ok(latency.some(({ value }) => value > 0.5) && latency.some(({ value }) => value < 0.1));
  t.match(figures('cache-hits').at(-1), { of: 'seat-map', value: 0.9 });
  t.equal(figures('queue-backlog-seconds').at(-1)?.value, 6);
  t.equal(figures('server-errors').at(-1)?.value, 0);
  const pace = paceOf(undefined, seen);
  t.equal(pace.source, 'Prometheus');
  const [reaction] = scalingReactions(seen, pace, 200);
  t.match(reaction, { deployment: 'public-api', by: 'Prometheus' });
  const breachSecond = (reaction!.breachAtMs - startMs) / 1000;
  t.ok(breachSecond >= 120 && breachSecond <= 180, `breach at ${breachSecond} s, within a minute`);
  t.equal(breachSecond + reaction!.reactionSeconds!, 300, 'the second pod');
});

t.test('a query it refuses is told by name', async (t) => {
  const source = prometheusSource(url, [{ figure: 'nonsense', query: 'sum(' }]);
  await t.rejects(source.read(window), /nonsense: .*parse error/);
});
