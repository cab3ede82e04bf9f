// Puts load on the platform and reports: npm run loadtest -- --help.
import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { localSecrets } from '@onsale/local/local-secrets';
import { readRun, type RunState } from '@onsale/local/run-state';
import { findK6 } from './k6-program/k6-program.ts';
import { allProfiles, profileNamed } from './profiles/all-profiles.ts';
import type { Fixtures } from './profiles/fixtures.ts';
import { durationSeconds, peakRps } from './profiles/profile.ts';
import type { Report } from './report/make-report.ts';
import { publishFixtures } from './run/publish-fixtures.ts';
import { runLoad } from './run/run-load.ts';
import { writeReport } from './run/write-report.ts';

const help = `npm run loadtest -- --profile NAME [options]     puts load on, and reports
npm run loadtest -- fixtures --profile NAME --out FILE     publishes the events a profile needs, writes who asks for what
npm run loadtest -- report [FOLDER]          makes a run's report again from its raw output; by default the last run's
npm run loadtest -- mark TEXT                notes that something was done to the system in the run under way, such as a fault

  --profile NAME      one of those below
  --base URL          the deployment's address (default: the local runner's)
  --fixtures FILE     events, seats and buyers made before (default: published anew)
  --admin URL         internal address of public-api (default: the local runner's)
  --admin-token TEXT  its admin token (default: the local runner's)
  --dir DIR           state directory of the local runner (default .onsale)
  --out PATH          where the run's folder, or the fixtures, go (default <dir>/loadtest/<time>-<profile>)
  --help              this

Switch bots off before: npm run onsale -- bots off. Ends with 0 when everything was met, 1 when not, 2 when it could not run.

Profiles:
${allProfiles
  .map((one) => {
    const minutes = (durationSeconds(one) / 60).toFixed(1);
    return `  ${one.name.padEnd(14)}${one.description} (up to ${peakRps(one)} requests/s, ${minutes} min)`;
  })
  .join('\n')}`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    profile: { type: 'string' },
    base: { type: 'string' },
    fixtures: { type: 'string' },
    admin: { type: 'string' },
    'admin-token': { type: 'string', default: localSecrets.adminToken },
    dir: { type: 'string', default: '.onsale' },
    out: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const print = (line: string) => console.log(line);
const runsFolder = resolve(values.dir, 'loadtest');
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
  return profileNamed(values.profile);
}

const stamp = () => new Date().toISOString().slice(0, 19).replaceAll(':', '').replace('T', '-').toLowerCase();

function baseOf(local: RunState | undefined): string {
  const base = values.base ?? local?.url;
  if (base === undefined)
    throw new Error('nothing to put load on: run npm start, or name a deployment by --base');
  return base.replace(/\/$/, '');
}

async function publish(base: string, local: RunState | undefined): Promise<Fixtures> {
  const admin = values.admin ?? local?.internal['public-api']?.[0];
  if (admin === undefined) {
    throw new Error(
      'events are published at public-api’s internal address: name it by --admin, or give --fixtures',
    );
  }
  const target = { url: admin.replace(/\/$/, ''), token: values['admin-token'] };
  return publishFixtures(base, target, chosenProfile(), `load-${stamp()}`, print);
}

async function lastRun(): Promise<string> {
  const runs = await readdir(runsFolder).catch(() => []);
  const last = runs.sort().at(-1);
  if (last === undefined) throw new Error(`no runs in ${runsFolder}`);
  return join(runsFolder, last);
}

function conclude(report: Report, folder: string): number {
  for (const { what, found } of report.verdicts.filter(({ isMet }) => !isMet))
    print(`MISSED  ${what}: ${found}`);
  print(`${report.isPassed ? 'Passed' : 'Failed'}: ${join(folder, 'report.html')}, report.md beside it`);
  return report.isPassed ? 0 : 1;
}

async function run(): Promise<number> {
  const profile = chosenProfile();
  const k6 = await findK6();
  if (k6 === undefined) throw new Error('k6 is not built; build it with: npm run setup');
  const state = await readRun(resolve(values.dir));
  const base = baseOf(state);
  // Figures of another deployment's services would be worse than none.
  const local = state !== undefined && new URL(state.url).port === new URL(base).port ? state : undefined;
  const fixtures = values.fixtures
    ? (JSON.parse(await readFile(values.fixtures, 'utf8')) as Fixtures)
    : await publish(base, local);
  const folder = resolve(values.out ?? join(runsFolder, `${stamp()}-${profile.name}`));
  print(`${profile.name}: ${(durationSeconds(profile) / 60).toFixed(1)} min against ${base}, into ${folder}`);
  const report = await runLoad({
    k6,
    profile,
    base,
    fixtures,
    folder,
    watched: local && { internal: local.internal, postgresUrl: local.engines.postgresUrl },
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
      return run();
    case 'fixtures':
      return exportFixtures();
    case 'report': {
      const folder = argument === undefined ? await lastRun() : resolve(argument);
      return conclude(await writeReport(folder), folder);
    }
    case 'mark': {
      if (argument === undefined) throw new Error('say what was done: mark "Redis killed"');
      await appendFile(
        join(await lastRun(), 'marks.jsonl'),
        `${JSON.stringify({ atMs: Date.now(), what: argument })}\n`,
      );
      return 0;
    }
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
