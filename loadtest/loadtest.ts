// Puts load on the platform and reports: npm run loadtest -- --help.
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { kubectlAndHelm } from '@onsale/control-plane/kubectl-layer';
import type { AdminAddress } from '@onsale/local/admin-client';
import { readRun, type RunState } from '@onsale/local/run-state';
import { help, readCommandLine } from './command-line.ts';
import { findK6 } from './k6-program/k6-program.ts';
import { cloudwatchSource } from './observe/cloudwatch-source.ts';
import { databaseSource } from './observe/database-source.ts';
import { heartbeatSource } from './observe/heartbeat-source.ts';
import { kubernetesSource } from './observe/kubernetes-source.ts';
import { prometheusSource } from './observe/prometheus-source.ts';
import { serviceSource } from './observe/service-source.ts';
import type { Source } from './observe/source.ts';
import { profileNamed } from './profiles/all-profiles.ts';
import { type Fixtures, planFixtures } from './profiles/fixtures.ts';
import { planRunners } from './profiles/plan-runners.ts';
import { durationSeconds } from './profiles/profile.ts';
import { scaleProfile } from './profiles/scale-profile.ts';
import type { Report } from './report/report.ts';
import { publishFixtures } from './run/publish-fixtures.ts';
import { runLoad } from './run/run-load.ts';
import { readRunRecord } from './run/read-run-record.ts';
import { remakeReport } from './run/remake-report.ts';
import { launchTestRun } from './test-run/launch-test-run.ts';
import { kubectlIn } from './test-run/kubectl.ts';
import { renderTestRun } from './test-run/render-test-run.ts';

const { values, positionals } = readCommandLine();

const print = (line: string) => console.log(line);
const runsFolder = resolve(values.dir, 'loadtest');
/** Names the folder of the run under way or, when none is, of the last. */
const latest = join(runsFolder, 'latest');
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stopping.signal.aborted) return;
    print('Stopping: what is under way ends, then the report is made');
    stopping.abort();
  });
}

function chosenProfile() {
  if (values.profile === undefined) throw new Error('name a profile: --profile smoke');
  const number = (name: 'scale' | 'minutes', text: string, most: number) => {
    const value = Number(text);
    if (!(value > 0 && value <= most)) throw new Error(`--${name} is a number above 0, at most ${most}`);
    return value;
  };
  return scaleProfile(profileNamed(values.profile), {
    rates: number('scale', values.scale, 100),
    minutes: values.minutes === undefined ? undefined : number('minutes', values.minutes, 24 * 60),
  });
}

const stamp = () => new Date().toISOString().slice(0, 19).replaceAll(':', '').replace('T', '-').toLowerCase();

function baseOf(local: RunState | undefined): string {
  const base = values.base ?? local?.url;
  if (base === undefined)
    throw new Error('nothing to put load on: run npm start, or name a deployment by --base');
  return base.replace(/\/$/, '');
}

function adminOf(local: RunState | undefined): AdminAddress | undefined {
  const url = values.admin ?? local?.internal['public-api']?.[0];
  return url === undefined ? undefined : { url: url.replace(/\/$/, ''), token: values['admin-token'] };
}

async function publish(base: string, local: RunState | undefined): Promise<Fixtures> {
  const admin = adminOf(local);
  if (admin === undefined) {
    throw new Error(
      'events are published at public-api’s internal address: name it by --admin, or give --fixtures',
    );
  }
  return publishFixtures(base, admin, chosenProfile(), `load-${stamp()}`, print);
}

/** What can be looked at during the run, by what is known of the sale under load. */
async function liveSources(local: RunState | undefined, fixtures: Fixtures): Promise<Source[]> {
  const admin = adminOf(local);
  const sources = Object.entries(local?.internal ?? {}).flatMap(([service, urls]) =>
    urls.map((url) => serviceSource(service, url)),
  );
  if (local !== undefined) sources.push(databaseSource(local.engines.postgresUrl));
  if (admin !== undefined) sources.push(heartbeatSource(admin, fixtures.lastSeats.eventId));
  const context = values['sale-context'];
  if (context !== undefined) {
    const { kubectl } = await kubectlAndHelm();
    sources.push(kubernetesSource(kubectlIn(kubectl, values['sale-namespace'], context)));
  }
  return sources;
}

/** Those that keep their past. */
function keptSources(): Source[] {
  const { prometheus, cloudwatch, region } = values;
  return [
    ...(prometheus === undefined ? [] : [prometheusSource(prometheus)]),
    ...(cloudwatch === undefined
      ? []
      : [cloudwatchSource(new CloudWatchClient(region === undefined ? {} : { region }), cloudwatch)]),
  ];
}

/** A fresh folder for a run, which `report` and `mark` find again. */
async function runFolder(profile: string): Promise<string> {
  const folder = resolve(values.out ?? join(runsFolder, `${stamp()}-${profile}`));
  await mkdir(runsFolder, { recursive: true });
  await mkdir(folder, { recursive: true });
  await writeFile(latest, folder);
  return folder;
}

function askedRunners(): number | undefined {
  if (values.runners === undefined) return undefined;
  const runners = Number(values.runners);
  if (!Number.isInteger(runners) || runners < 1) throw new Error('--runners is a whole number from 1 on');
  return runners;
}

/** Those of --fixtures, else what `make` makes. */
const fixturesOr = async (make: () => Fixtures | Promise<Fixtures>) =>
  values.fixtures ? (JSON.parse(await readFile(values.fixtures, 'utf8')) as Fixtures) : make();

async function renderFor(base: string, fixtures: Fixtures, runners: number) {
  const [k6, { helm }] = await Promise.all([builtK6(), kubectlAndHelm()]);
  const { namespace, values: valueFiles } = values;
  const profile = chosenProfile();
  return renderTestRun({ k6, helm, profile, base, fixtures, runners, namespace, valueFiles });
}

/** Prints what would be applied, as it would be; events are named, not published. */
async function dryRun(): Promise<number> {
  const profile = chosenProfile();
  const base = values.base ?? 'https://tickets.example';
  const fixtures = await fixturesOr(() => planFixtures(profile, 'load-dry-run'));
  const { runners, reasons } = planRunners(profile, askedRunners());
  for (const reason of [`${profile.name} against ${base}`, ...reasons]) print(`# ${reason}`);
  print(await renderFor(base, fixtures, runners));
  return 0;
}

async function apply(): Promise<number> {
  const profile = chosenProfile();
  if (values.base === undefined) throw new Error('name the deployment that runners reach, by --base');
  const base = baseOf(undefined);
  const { runners, reasons } = planRunners(profile, askedRunners());
  for (const reason of reasons) print(reason);
  const fixtures = await fixturesOr(() => publish(base, undefined));
  const manifest = await renderFor(base, fixtures, runners);
  const { kubectl } = await kubectlAndHelm();
  const folder = await runFolder(profile.name);
  const report = await launchTestRun({
    sources: { live: await liveSources(undefined, fixtures), kept: keptSources() },
    kubectl: kubectlIn(kubectl, values.namespace, values.context),
    manifest,
    profile,
    base,
    runners,
    folder,
    say: print,
    signal: stopping.signal,
    lookEveryMs: 5000,
    // What k6 lets its last iterations take, and some for its summary.
    graceSeconds: profile.orderWithinSeconds + 30,
  });
  return conclude(report, folder);
}

async function builtK6(): Promise<string> {
  const k6 = await findK6();
  if (k6 === undefined) throw new Error('k6 is not built; build it with: npm run setup');
  return k6;
}

async function lastRun(): Promise<string> {
  const folder = await readFile(latest, 'utf8').catch(() => undefined);
  if (folder === undefined) throw new Error(`no run is known in ${runsFolder}`);
  return folder;
}

/** Notes what was done, for the run under way. */
async function mark(what: string): Promise<void> {
  const folder = values.out === undefined ? await lastRun() : resolve(values.out);
  const hasEnded = await readRunRecord(folder).then(
    () => true,
    () => false,
  );
  if (hasEnded) throw new Error(`no run is under way: that of ${folder} has ended`);
  // When this process was started: on a busy machine it takes seconds to come here.
  const atMs = Math.round(performance.timeOrigin);
  await appendFile(join(folder, 'marks.jsonl'), `${JSON.stringify({ atMs, what })}\n`);
  print(`Noted for ${folder}`);
}

function conclude(report: Report, folder: string): number {
  for (const { what, found } of report.verdicts.filter(({ isMet }) => !isMet))
    print(`MISSED  ${what}: ${found}`);
  print(`${report.isPassed ? 'Passed' : 'Failed'}: ${join(folder, 'report.html')}, report.md beside it`);
  return report.isPassed ? 0 : 1;
}

async function run(): Promise<number> {
  const profile = chosenProfile();
  const k6 = await builtK6();
  const state = await readRun(resolve(values.dir));
  const base = baseOf(state);
  // Figures of another deployment's services would be worse than none.
  const local = state !== undefined && new URL(state.url).port === new URL(base).port ? state : undefined;
  const fixtures = await fixturesOr(() => publish(base, local));
  const folder = await runFolder(profile.name);
  print(`${profile.name}: ${(durationSeconds(profile) / 60).toFixed(1)} min against ${base}, into ${folder}`);
  const report = await runLoad({
    k6,
    profile,
    base,
    fixtures,
    folder,
    runners: askedRunners() ?? 1,
    sources: { live: await liveSources(local, fixtures), kept: keptSources() },
    showsProgress: true,
    signal: stopping.signal,
  });
  return conclude(report, folder);
}

async function exportFixtures(): Promise<number> {
  if (values.out === undefined) throw new Error('name the file to write: --out fixtures.json');
  const state = await readRun(resolve(values.dir));
  const fixtures = await publish(baseOf(state), state);
  await mkdir(dirname(resolve(values.out)), { recursive: true });
  await writeFile(values.out, `${JSON.stringify(fixtures, null, 2)}\n`);
  print(`Wrote ${values.out}: ${fixtures.events.length + 1} events`);
  return 0;
}

async function main(): Promise<number> {
  const [command, argument] = positionals;
  if (values.help) {
    print(help);
    return 0;
  }
  switch (command) {
    case undefined:
      if (values['dry-run']) return dryRun();
      return values.apply ? apply() : run();
    case 'fixtures':
      return exportFixtures();
    case 'report': {
      const folder = argument === undefined ? await lastRun() : resolve(argument);
      return conclude(await remakeReport(folder, { kept: keptSources() }), folder);
    }
    case 'mark':
      if (argument === undefined) throw new Error('say what was done: mark "Redis killed"');
      await mark(argument);
      return 0;
    default:
      throw new Error(`no command ${command}; see --help`);
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
