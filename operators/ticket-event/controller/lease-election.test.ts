import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { type LeaseRecord, type LeaseStore, startLeaseElection } from './lease-election.ts';
import { until } from './until-fixture.ts';

function store(): LeaseStore & { record?: LeaseRecord; broken: Set<string>; view(name: string): LeaseStore } {
  let version = 0;
  const shared = {
    record: undefined as LeaseRecord | undefined,
    broken: new Set<string>(),
    async read() {
      return shared.record;
    },
    async write(record: LeaseRecord) {
      if (record.resourceVersion !== shared.record?.resourceVersion) return false;
      shared.record = { ...record, resourceVersion: String(++version) };
      return true;
    },
    /** One replica's way to the store, which can be cut. */
    view: (name: string): LeaseStore => ({
      async read() {
        if (shared.broken.has(name)) throw new Error('cut off');
        return shared.read();
      },
      async write(record) {
        if (shared.broken.has(name)) throw new Error('cut off');
        return shared.write(record);
      },
    }),
  };
  return shared;
}
const timing = { leaseMs: 3000, renewDeadlineMs: 1500, retryMs: 20 };

t.test('one of two leads; cut off, it stops before the other begins', async (t) => {
  const shared = store();
  const log: string[] = [];
  const candidate = (identity: string) =>
    startLeaseElection({
      identity,
      store: shared.view(identity),
      onGained: () => log.push(`${identity} gained`),
      onLost: () => log.push(`${identity} lost`),
      onError: () => {},
      ...timing,
    });
  const a = candidate('a');
  await until(() => a.isLeader());
  const b = candidate('b');
  await delay(100);
  t.notOk(b.isLeader());
  shared.broken.add('a');
  await until(() => b.isLeader() || a.isLeader() === false);
  t.notOk(b.isLeader(), 'there is a time without a leader, never one with two');
  await until(() => b.isLeader());
  t.same(log, ['a gained', 'a lost', 'b gained']);
  shared.broken.clear();
  await delay(60);
  t.notOk(a.isLeader());
  await a.stop();
  await b.stop();
});

t.test('a lease given back is taken without waiting for it to expire', async (t) => {
  const shared = store();
  const options = {
    onGained() {},
    onLost() {},
    onError() {},
    ...timing,
    leaseMs: 60_000,
    renewDeadlineMs: 40_000,
  };
  const a = startLeaseElection({ identity: 'a', store: shared, ...options });
  await until(() => a.isLeader());
  const b = startLeaseElection({ identity: 'b', store: shared, ...options });
  await a.stop();
  t.notOk(a.isLeader());
  await until(() => b.isLeader());
  await b.stop();
});

t.test(
  'a renewal answered after its deadline is a new leadership: meanwhile the answer was no',
  async (t) => {
    const shared = store();
    const log: string[] = [];
    let nowMs = 0;
    const answer = Promise.withResolvers<void>();
    let late = false;
    let asked = false;
    const a = startLeaseElection({
      identity: 'a',
      store: {
        read: shared.read,
        async write(record) {
          asked = late;
          if (late) await answer.promise;
          return shared.write(record);
        },
      },
      onGained: () => log.push('gained'),
      onLost: () => log.push('lost'),
      onError: () => {},
      ...timing,
      monotonicMs: () => nowMs,
    });
    await until(() => a.isLeader());
    nowMs = timing.renewDeadlineMs - 500;
    late = true;
    await until(() => asked);
    nowMs = timing.renewDeadlineMs;
    t.notOk(a.isLeader());
    answer.resolve();
    await until(() => a.isLeader());
    t.same(log, ['gained', 'lost', 'gained']);
    await a.stop();
  },
);
