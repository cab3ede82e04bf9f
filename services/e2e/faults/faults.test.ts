import t from 'tap';
import { mutations } from './mutations.ts';
import { runFaults } from './run-faults.ts';
import { runMutation } from './run-mutation.ts';

// Nothing here depends on speed; a machine that is busy with other things may take as long as it needs.
t.setTimeout(400_000);

const signal = new AbortController().signal;

t.test(
  'a sale under faults, on a cluster that fails over, breaks no invariant and comes to rest',
  async (t) => {
    const run = await runFaults({
      seed: 'fixed',
      ...{ lengthMs: 15_000, buyers: 6, replicas: 1, onCluster: true, unloadedCommits: 0, signal },
      schedule: [
        { name: 'cluster-failover', atMs: 2200, durationMs: 800 },
        { name: 'postgres-connections-cut', atMs: 8500, durationMs: 800 },
        { name: 'kill-confirm-worker', atMs: 10_500, durationMs: 500 },
        { name: 'cut-sqs', atMs: 12_500, durationMs: 600 },
        { name: 'redis-emptied', atMs: 14_000, durationMs: 400 },
      ],
      quietWithinMs: 150_000,
      report: (line) => t.comment(line),
    });
    t.same(
      run.violations.map(({ invariant, message }) => `${invariant}: ${message}`),
      [],
    );
    t.ok(run.tickets > 0, `${run.tickets} tickets were sold`);
    t.ok(run.harm['cluster-failover: replicas that had not heard of the last writes'], 'holds were lost');
    t.ok(run.harm['cluster-failover: replicas promoted']);
  },
);

t.test('services with a mistake in them are found out', async (t) => {
  const quick = mutations.filter(({ isQuick }) => isQuick);
  // Others tomorrow; all of them by npm run faults -- --mutations.
  const today = Math.floor(Date.now() / 86_400_000);
  for (const offset of [0, 1]) {
    const mutation = quick[(2 * today + offset) % quick.length]!;
    const { caught, violations } = await runMutation(mutation, {
      ...{ seed: 'fixed', tries: 4, signal },
      report: (line) => t.comment(line),
    });
    t.ok(caught, `${mutation.says}: ${caught?.message ?? `${violations} violations, none of them this`}`);
  }
});
