import { pino } from 'pino';
import { Registry } from 'prom-client';
import t from 'tap';
import { breakerStore } from './inventory-fixture.ts';
import { createInventoryMetrics } from './inventory-metrics.ts';
import { breakerLeaseMs, createLockBreaker } from './lock-breaker.ts';

function fixture(options: { enabled?: boolean; retryAfterMs?: number; openAfterMs?: number } = {}) {
  const state = { nowMs: 1000, away: false, writes: 0, recordFails: false, recorded: 0 };
  const store = breakerStore();
  const breaker = createLockBreaker({
    enabled: options.enabled ?? true,
    nowMs: () => state.nowMs,
    store: {
      async extend(...args) {
        if (state.recordFails) throw new Error('PostgreSQL is away');
        state.recorded++;
        return store.extend(...args);
      },
    },
    metrics: createInventoryMetrics(new Registry()),
    logger: pino({ level: 'silent' }),
    failuresToOpen: 3,
    openAfterMs: options.openAfterMs ?? 60_000,
    retryAfterMs: options.retryAfterMs ?? 60_000,
  });
  const write = (epoch: number | 'unknown' = 1) =>
    breaker.guard('event.0', epoch === 'unknown' ? undefined : epoch, async () => {
      state.writes++;
      if (state.away) throw new Error('DynamoDB is away');
    });
  const open = async () => {
    state.away = true;
    for (let failure = 1; failure < 3; failure++) await write().catch(() => undefined);
  };
  return { state, store, write, open };
}

t.test('switched off, every failure is the hold’s', async (t) => {
  const { state, write } = fixture({ enabled: false });
  state.away = true;
  for (let attempt = 0; attempt < 10; attempt++) await t.rejects(write(), { message: 'DynamoDB is away' });
  t.equal(state.writes, 10);
  t.equal(state.recorded, 0);
});

t.test('opens after some failures in a row, and no hold goes out before that is recorded', async (t) => {
  const { state, store, write } = fixture();
  state.away = true;
  await t.rejects(write());
  await t.rejects(write());
  state.away = false;
  t.equal(await write(), 'written', 'one that works starts the count anew');
  state.away = true;
  await t.rejects(write());
  await t.rejects(write());
  t.equal(state.recorded, 0);
  t.equal(await write(), 'skipped');
  t.equal(state.recorded, 1);
  const { writes } = state;
  t.equal(await write(), 'skipped');
  t.equal(state.writes, writes, 'not even tried');
  t.equal(state.recorded, 1, 'not for each hold');
  state.nowMs += breakerLeaseMs;
  state.recordFails = true;
  await t.rejects(write(), { message: 'PostgreSQL is away' }, 'nothing beyond what was recorded');
  state.recordFails = false;
  t.equal(await write(), 'skipped');
  t.equal(await store.supersede('event.0', 1), state.nowMs + breakerLeaseMs);
});

t.test('where writes are rare it opens once none has worked for a while', async (t) => {
  const { state, write } = fixture({ openAfterMs: 0 });
  state.away = true;
  await t.rejects(write(), 'one failure is none');
  t.equal(await write(), 'skipped');
});

t.test('what cannot be recorded is not given out', async (t) => {
  const { state, write, open } = fixture();
  state.recordFails = true;
  await open();
  await t.rejects(write(), { message: 'PostgreSQL is away' });
  await t.rejects(write('unknown'), { code: 'unavailable' }, 'nor seats of an unknown epoch');
  state.recordFails = false;
  t.equal(await write(), 'skipped');
  t.equal(state.recorded, 1);
});

t.test('a sale that was rebuilt does not go on in the epoch before', async (t) => {
  const { state, store, write, open } = fixture();
  await open();
  t.equal(await write(), 'skipped');
  await store.supersede('event.0', 2);
  state.nowMs += breakerLeaseMs;
  await t.rejects(write(1), { code: 'rebuilding' });
  t.equal(await write(2), 'skipped');
});

t.test('closes with the first write that works', async (t) => {
  const { state, write, open } = fixture({ retryAfterMs: 0 });
  await open();
  await write();
  t.equal(await write(), 'skipped', 'tried, and still away');
  state.away = false;
  t.equal(await write(), 'written');
  state.away = true;
  await t.rejects(write(), { message: 'DynamoDB is away' }, 'closed again');
});
