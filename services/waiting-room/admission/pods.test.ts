import t from 'tap';
import { summarizePods, type PodHeartbeat } from './pods.ts';

const nowMs = 1_795_000_000_000;
const pod = (service: string, change: Partial<PodHeartbeat> = {}): PodHeartbeat => ({
  service,
  atMs: nowMs - 800,
  buyersPerSecond: 100,
  ...change,
});
const dead = { atMs: nowMs - 5001 };

t.test('the weakest service decides', async (t) => {
  const all = [
    pod('public-api'),
    pod('public-api'),
    pod('confirm-api'),
    pod('confirm-worker', { buyersPerSecond: 300 }),
  ];
  t.match(summarizePods(all, nowMs), { podRate: 100, p95Ms: undefined, backlogSeconds: undefined });
});

t.test(
  'a pod that is silent for five seconds counts no more, a service of dead pods serves nobody',
  async (t) => {
    t.equal(summarizePods([pod('public-api'), pod('public-api', dead)], nowMs).podRate, 100);
    const withoutConfirm = summarizePods([pod('public-api'), pod('confirm-api', dead)], nowMs);
    t.equal(withoutConfirm.podRate, 0);
    t.equal(withoutConfirm.livePods.get('confirm-api'), 0);
  },
);

t.test('services nobody has heard of limit nothing', async (t) => {
  t.equal(summarizePods([], nowMs).podRate, undefined);
  t.equal(summarizePods([pod('public-api')], nowMs).podRate, 100);
});

t.test('one slow pod among many is not the system, a slow service is', async (t) => {
  const p95 = (service: string, ...values: number[]) => values.map((p95Ms) => pod(service, { p95Ms }));
  t.equal(summarizePods(p95('public-api', 40, 50, 5000), nowMs).p95Ms, 50);
  const both = [...p95('public-api', 40, 50, 60), ...p95('confirm-api', 900, 1000, 1100)];
  t.equal(summarizePods(both, nowMs).p95Ms, 1000);
});

t.test('what waits in the queue is told in seconds of the live workers', async (t) => {
  const workers = [
    pod('confirm-worker', { queueDepth: 600 }),
    pod('confirm-worker', { queueDepth: 580 }),
    pod('confirm-worker', { ...dead, queueDepth: 9000 }),
  ];
  t.equal(summarizePods(workers, nowMs).backlogSeconds, 3);
});
