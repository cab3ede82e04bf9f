import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findK6 } from '@onsale/loadtest/k6-program/k6-program';
import { databaseSource } from '@onsale/loadtest/observe/database-source';
import { heartbeatSource } from '@onsale/loadtest/observe/heartbeat-source';
import { serviceSource } from '@onsale/loadtest/observe/service-source';
import { profileNamed } from '@onsale/loadtest/profiles/all-profiles';
import { planFixtures } from '@onsale/loadtest/profiles/fixtures';
import { publishFixtures } from '@onsale/loadtest/run/publish-fixtures';
import { runLoad } from '@onsale/loadtest/run/run-load';
import { writeReport } from '@onsale/loadtest/run/write-report';
import { localSecrets } from '@onsale/local/local-secrets';
import t, { type Test } from 'tap';
import { type Faults, startFaultySale } from './faulty-sale-stub.ts';
import { startStack } from './sale-fixture.ts';

// Half a minute on a quiet machine.
t.setTimeout(300_000);
const k6 = (await findK6())!;
const profile = profileNamed('tiny');
const never = new AbortController().signal;

async function runFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'onsale-load-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

t.test('every flow runs against a real stack, and the report says so', async (t) => {
  const stack = await startStack(t);
  const folder = await runFolder(t);
  const admin = { url: stack.internalUrl('public-api'), token: localSecrets.adminToken };
  const fixtures = await publishFixtures(stack.url, admin, profile, 'load-real', () => undefined);
  const report = await runLoad({
    k6,
    profile,
    base: stack.url,
    fixtures,
    folder,
    sources: {
      live: [
        ...[...stack.replicas].flatMap(([name, replicas]) =>
          replicas.map(({ internalUrl }) => serviceSource(name, internalUrl)),
        ),
        databaseSource(stack.engines.postgresUrl),
        heartbeatSource(admin, fixtures.lastSeats.eventId),
      ],
      kept: [],
    },
    runners: 1,
    showsProgress: false,
    signal: never,
  });
  t.strictSame(
    report.verdicts.filter(({ isMet }) => !isMet),
    [],
  );
  const rowsOf = (title: string) => report.tables.find((one) => one.title === title)!.rows;
  const apis = new Set(rowsOf('Latency and success, by API and step').map(([api]) => api));
  for (const api of ['enter', 'summary', 'hold', 'payment-intent', 'commit', 'status', 'orders']) {
    t.ok(apis.has(api), api);
  }
  t.ok(rowsOf('Cache hits').length > 0);
  t.ok(rowsOf('Queue and database').length > 1);
  t.ok(report.plots.some(({ title, lines }) => title === 'Pods that serve' && lines.length === 3));
  t.strictSame(rowsOf('What could not be read'), []);
  const page = await readFile(join(folder, 'report.html'), 'utf8');
  t.match(page, /<svg/);
  const again = await writeReport(folder);
  t.strictSame(again, report, 'raw output makes the same report again');
});

/** What a run against a faulty sale found missing. */
async function missedBy(t: Test, faults: Faults): Promise<string[]> {
  const sale = await startFaultySale(faults);
  t.teardown(() => sale.close());
  const report = await runLoad({
    k6,
    profile,
    base: sale.url,
    fixtures: planFixtures(profile, 'load-faulty'),
    folder: await runFolder(t),
    sources: { live: [], kept: [] },
    runners: 1,
    showsProgress: false,
    signal: never,
  });
  t.notOk(report.isPassed);
  return report.verdicts.filter(({ isMet }) => !isMet).map(({ what }) => what);
}

t.test('a sale that sells a seat twice ends the run at once, and fails it', async (t) => {
  const missed = await missedBy(t, { sellsTwice: true, forgets: false, summaryAfterMs: 0 });
  t.ok(missed.includes('no seat has two confirmed orders, over all flows'), missed.join('\n'));
  t.ok(missed.includes('double_sold count<1'));
  t.notOk(missed.includes('lost_orders count<1'));
});

const targets = {
  slow: 'http_req_duration{api:summary} p(95)<5000',
  lossy: 'lost_orders count<1',
  wrong: 'double_sold count<1',
};

t.test('a sale that is slow fails, for that alone', async (t) => {
  const missed = await missedBy(t, { sellsTwice: false, forgets: false, summaryAfterMs: 5500 });
  t.ok(missed.includes(targets.slow), missed.join('\n'));
  t.notOk(missed.some((what) => what.includes('api:hold')));
  t.notOk(missed.includes(targets.lossy));
  t.notOk(missed.includes(targets.wrong));
});

t.test('a sale that loses orders fails, for that alone', async (t) => {
  const missed = await missedBy(t, { sellsTwice: false, forgets: true, summaryAfterMs: 0 });
  // A machine that is busy may keep k6 from its rate; that is no fault of the sale's.
  t.strictSame(
    missed.filter((what) => !what.startsWith('dropped_iterations')),
    [targets.lossy],
  );
});

t.test('two runners share a run; one that is killed fails it, whatever the other says', async (t) => {
  const sale = await startFaultySale({ sellsTwice: false, forgets: false, summaryAfterMs: 0 });
  t.teardown(() => sale.close());
  const folder = await runFolder(t);
  const wrapper = join(folder, 'k6-that-dies');
  await writeFile(
    wrapper,
    `#!/bin/sh\ncase "$*" in *segment=1/2:1*) exec timeout -s KILL 3 '${k6}' "$@" ;; *) exec '${k6}' "$@" ;; esac\n`,
    { mode: 0o755 },
  );
  const report = await runLoad({
    k6: wrapper,
    profile,
    base: sale.url,
    fixtures: planFixtures(profile, 'load-shared'),
    folder,
    sources: { live: [], kept: [] },
    runners: 2,
    showsProgress: false,
    signal: never,
  });
  t.match(
    report.verdicts.find(({ what }) => what === 'every runner ended by itself and left its figures'),
    { isMet: false, found: /^1 of 2/ },
  );
  const files = await readdir(folder);
  t.ok(files.includes('summary-1.json') && !files.includes('summary-2.json'), files.join());
  t.ok(files.includes('points-1.json.gz'));
});
