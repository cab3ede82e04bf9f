import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { profileNamed } from '../profiles/all-profiles.ts';
import type { Kubectl } from './kubectl.ts';
import { launchTestRun } from './launch-test-run.ts';

/** Exit codes of the runners by their number; undefined while one runs. */
type Runners = readonly (number | undefined)[];
interface Look {
  readonly stage: string;
  readonly runners: Runners;
}

const summary = JSON.stringify({
  metrics: { orders_confirmed: { type: 'counter', values: { count: 3 } } },
});

/** A cluster whose TestRun goes through these looks, the last of which stays. */
function clusterOf(looks: readonly Look[], { isThere = false, refuses = false } = {}) {
  let at = -1;
  const asked: string[] = [];
  const said = (out: string) => ({ isOk: true, out, err: '' });
  const stopped = new Set<number>();
  const look = () => looks[Math.max(0, Math.min(at, looks.length - 1))]!;
  const now = (): Look => ({
    ...look(),
    runners: look().runners.map((code, index) => (code === undefined && stopped.has(index + 1) ? 105 : code)),
  });
  const kubectl: Kubectl = async (args) => {
    const [verb, what] = args;
    asked.push(verb!);
    if (verb === 'get' && args.includes('--ignore-not-found')) return said(isThere ? 'testrun/loadtest' : '');
    if (verb === 'apply' && refuses) return { isOk: false, out: '', err: 'quota exceeded' };
    if (verb === 'get' && what === 'testruns.k6.io') {
      at++;
      return said(now().stage);
    }
    if (verb === 'get') {
      const items = now().runners.map((exitCode, index) => ({
        metadata: { name: `loadtest-${index + 1}` },
        status: {
          phase: exitCode === undefined ? 'Running' : exitCode === 0 ? 'Succeeded' : 'Failed',
          containerStatuses: [{ state: exitCode === undefined ? {} : { terminated: { exitCode } } }],
        },
      }));
      return said(JSON.stringify({ items }));
    }
    if (verb === 'exec') {
      if (args.slice(2).join(' ') !== '--container k6 -- kill -INT 1') throw new Error(args.join(' '));
      stopped.add(Number(what!.split('-')[1]));
      return said('');
    }
    if (verb !== 'logs') return said('');
    const code = now().runners[Number(what!.split('-')[1]) - 1];
    const hasFigures = code !== undefined && code < 128;
    return said(`level=warning\n\n${hasFigures ? `onsale-summary ${summary}\n` : ''}`);
  };
  return { kubectl, asked };
}

async function launch(t: Test, kubectl: Kubectl, signal = new AbortController().signal) {
  const folder = await mkdtemp(join(tmpdir(), 'onsale-launch-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const told: string[] = [];
  const report = await launchTestRun({
    kubectl,
    manifest: 'the manifest',
    profile: profileNamed('step-100k'),
    base: 'https://tickets.example',
    runners: 2,
    sources: { live: [], kept: [] },
    folder,
    say: (line) => told.push(line),
    signal,
    lookEveryMs: 1,
    graceSeconds: 0.2,
  });
  return {
    told,
    missed: report.verdicts.filter(({ isMet }) => !isMet).map(({ what, found }) => `${what}: ${found}`),
    summaries: (await readdir(folder)).filter((name) => name.startsWith('summary')).sort(),
  };
}

const starting: Look[] = [
  { stage: '', runners: [] },
  { stage: 'created', runners: [undefined, undefined] },
  { stage: 'started', runners: [undefined, undefined] },
];

t.test('figures are brought from every runner before the TestRun is deleted', async (t) => {
  const { kubectl, asked } = clusterOf([...starting, { stage: 'finished', runners: [0, 0] }]);
  const { missed, summaries, told } = await launch(t, kubectl);
  t.strictSame(missed, []);
  t.strictSame(summaries, ['summary-1.json', 'summary-2.json']);
  t.strictSame(asked.slice(-3), ['logs', 'logs', 'delete']);
  t.ok(told.includes('started: 2 runners, 0 ended'), told.join('\n'));
});

t.test('a runner that is killed ends the run, and fails it; the other leaves what it found', async (t) => {
  const { kubectl, asked } = clusterOf([...starting, { stage: 'started', runners: [undefined, 137] }]);
  const { missed, told, summaries } = await launch(t, kubectl);
  t.strictSame(missed, ['every runner ended by itself and left its figures: 1 of 2, k6 was killed']);
  t.ok(told.includes('loadtest-2 ended early, with exit code 137: ending the run'), told.join('\n'));
  t.strictSame(summaries, ['summary-1.json']);
  t.equal(asked.at(-1), 'delete');
});

t.test('a runner killed at the very end fails the run, too', async (t) => {
  const { kubectl } = clusterOf([...starting, { stage: 'finished', runners: [0, 137] }]);
  const { missed, summaries } = await launch(t, kubectl);
  t.strictSame(missed, ['every runner ended by itself and left its figures: 1 of 2, k6 was killed']);
  t.strictSame(summaries, ['summary-1.json']);
});

t.test(
  'a threshold crossed before time stops the other runners, which leave their figures too',
  async (t) => {
    const { kubectl, asked } = clusterOf([...starting, { stage: 'started', runners: [99, undefined] }]);
    const { missed, summaries, told } = await launch(t, kubectl);
    t.ok(told.includes('Stopping 1 runners'), told.join('\n'));
    t.strictSame(summaries, ['summary-1.json', 'summary-2.json'], 'nobody’s figures are lost');
    t.strictSame(missed, ['no threshold was crossed: one was, by a runner that did not say which']);
    t.equal(asked.at(-1), 'delete');
  },
);

t.test('a runner that does not stop loses its figures alone', async (t) => {
  const { kubectl } = clusterOf([...starting, { stage: 'started', runners: [99, undefined] }]);
  const deaf: Kubectl = (args, input) =>
    args[0] === 'exec'
      ? Promise.resolve({ isOk: false, out: '', err: 'no such container' })
      : kubectl(args, input);
  const { missed, summaries, told } = await launch(t, deaf);
  t.ok(told.includes('Some did not stop in time: their figures are lost'), told.join('\n'));
  t.strictSame(summaries, ['summary-1.json']);
  t.strictSame(missed, ['every runner ended by itself and left its figures: 1 of 2, k6 was killed']);
});

t.test('Ctrl-C deletes the TestRun, and the report says so', async (t) => {
  const stopping = new AbortController();
  const { kubectl, asked } = clusterOf(starting);
  const stopped: Kubectl = (args, input) => {
    if (asked.length > 6) stopping.abort();
    return kubectl(args, input);
  };
  const { missed } = await launch(t, stopped, stopping.signal);
  t.ok(missed.includes('the run was not interrupted: it was'), missed.join('\n'));
  t.equal(asked.at(-1), 'delete');
});

t.test('a load test that is there already is left alone', async (t) => {
  const { kubectl, asked } = clusterOf(starting, { isThere: true });
  await t.rejects(launch(t, kubectl), /in this namespace already/);
  t.strictSame(asked, ['get']);
});

t.test('what a refusal left behind is deleted', async (t) => {
  const { kubectl, asked } = clusterOf(starting, { refuses: true });
  await t.rejects(launch(t, kubectl), /refuses the TestRun: quota exceeded/);
  t.strictSame(asked, ['get', 'apply', 'delete']);
});
