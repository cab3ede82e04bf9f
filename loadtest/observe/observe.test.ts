import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { Observation } from '../report/run-record.ts';
import type { Kubectl } from '../test-run/kubectl.ts';
import { kubernetesSource } from './kubernetes-source.ts';
import { observe, recall } from './observe.ts';
import type { Source } from './source.ts';

async function fileIn(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'onsale-observe-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'seen.jsonl');
}
const linesOf = async (file: string) =>
  (await readFile(file, 'utf8').catch(() => ''))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Observation);

const pods = (ready: number): Observation => ({
  atMs: ready,
  kind: 'pods',
  deployment: 'public-api',
  ready,
  by: 'test',
});

t.test(
  'a source that fails leaves a gap with its reason, and another that hangs holds up nobody',
  async (t) => {
    const file = await fileIn(t);
    let asked = 0;
    const counting: Source = { name: 'counting', read: async () => [pods(++asked)] };
    const broken: Source = {
      name: 'broken',
      read: () => Promise.reject(new Error('fetch failed', { cause: new Error('connect ECONNREFUSED') })),
    };
    const hanging: Source = {
      name: 'hanging',
      read: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('cut short')));
        }),
    };
    const stop = observe([counting, broken, hanging], file, 5);
    while (asked < 4) await delay(5);
    await stop();
    const seen = await linesOf(file);
    t.ok(seen.filter(({ kind }) => kind === 'pods').length >= 3);
    const gaps = seen.filter((one) => one.kind === 'gap');
    t.match(gaps[0], { source: 'broken', why: 'fetch failed: connect ECONNREFUSED' });
    t.notOk(
      gaps.some(({ source }) => source === 'hanging'),
      'what the end cut short is no gap',
    );
    const before = asked;
    await delay(30);
    t.equal(asked, before, 'nobody is asked after the end');
  },
);

t.test('what is recalled takes the place of what was recalled before', async (t) => {
  const file = await fileIn(t);
  const late: Source = { name: 'late', read: ({ fromMs, toMs }) => Promise.resolve([pods(toMs - fromMs)]) };
  await recall([late], file, { fromMs: 10, toMs: 30 });
  await recall([late], file, { fromMs: 10, toMs: 40 });
  t.strictSame(await linesOf(file), [pods(30)]);
});

t.test('ready pods are those the Kubernetes API says of the sale’s Deployments', async (t) => {
  const asked: (readonly string[])[] = [];
  const kubectl: Kubectl = (args) => {
    asked.push(args);
    const items = [
      { metadata: { name: 'public-api' }, status: { readyReplicas: 3 } },
      { metadata: { name: 'confirm-worker' }, status: {} },
    ];
    return Promise.resolve({ isOk: true, out: JSON.stringify({ items }), err: '' });
  };
  const signal = new AbortController().signal;
  const seen = await kubernetesSource(kubectl).read({ fromMs: 0, toMs: 0, signal });
  t.match(seen, [
    { kind: 'pods', deployment: 'public-api', ready: 3, by: 'Kubernetes' },
    { kind: 'pods', deployment: 'confirm-worker', ready: 0, by: 'Kubernetes' },
  ]);
  t.ok(asked[0]!.includes('app.kubernetes.io/part-of=onsale'));
  const refused: Kubectl = () => Promise.resolve({ isOk: false, out: '', err: 'Forbidden\n' });
  await t.rejects(kubernetesSource(refused).read({ fromMs: 0, toMs: 0, signal }), { message: 'Forbidden' });
});
