import { pino } from 'pino';
import { Registry } from 'prom-client';
import t from 'tap';
import { createInventoryMetrics } from './inventory-metrics.ts';
import { createLockBreaker, type BreakerInterval } from './lock-breaker.ts';

function fixture(options: { enabled?: boolean; recordFails?: boolean; retryAfterMs?: number } = {}) {
  const state = { nowMs: 1000, away: false, writes: 0, recordFails: options.recordFails ?? false };
  const recorded: BreakerInterval[] = [];
  const breaker = createLockBreaker({
    enabled: options.enabled ?? true,
    nowMs: () => state.nowMs,
    createIntervalId: () => 'interval-1',
    record: async (interval) => {
      if (state.recordFails) throw new Error('PostgreSQL is away');
      recorded.push(interval);
    },
    metrics: createInventoryMetrics(new Registry()),
    logger: pino({ level: 'silent' }),
    failuresToOpen: 3,
    retryAfterMs: options.retryAfterMs ?? 60_000,
  });
  const write = () =>
    breaker.guard('event.0', async () => {
      state.writes++;
      if (state.away) throw new Error('DynamoDB is away');
    });
  return { state, recorded, write };
}

t.test('switched off, every failure is the hold’s', async (t) => {
  const { state, write, recorded } = fixture({ enabled: false });
  state.away = true;
  for (let attempt = 0; attempt < 10; attempt++) await t.rejects(write(), { message: 'DynamoDB is away' });
  t.equal(state.writes, 10);
  t.same(recorded, []);
});

t.test('opens after some failures in a row, and no hold goes out before that is recorded', async (t) => {
  const { state, write, recorded } = fixture();
  state.away = true;
  await t.rejects(write());
  await t.rejects(write());
  state.away = false;
  t.equal(await write(), 'written', 'one that works starts the count anew');
  state.away = true;
  await t.rejects(write());
  await t.rejects(write());
  t.same(recorded, []);
  t.equal(await write(), 'skipped');
  t.same(recorded, [{ saleId: 'event.0', intervalId: 'interval-1', fromMs: 1000, untilMs: undefined }]);
  const { writes } = state;
  t.equal(await write(), 'skipped');
  t.equal(state.writes, writes, 'not even tried');
  t.equal(recorded.length, 1, 'one record a sale');
});

t.test('what cannot be recorded is not given out', async (t) => {
  const { state, write, recorded } = fixture({ recordFails: true });
  state.away = true;
  await t.rejects(write());
  await t.rejects(write());
  await t.rejects(write(), { message: 'PostgreSQL is away' });
  state.recordFails = false;
  t.equal(await write(), 'skipped');
  t.equal(recorded.length, 1);
});

t.test('closes with the first write that works, and records the end', async (t) => {
  const { state, write, recorded } = fixture({ retryAfterMs: 0 });
  state.away = true;
  await t.rejects(write());
  await t.rejects(write());
  await write();
  t.equal(await write(), 'skipped', 'tried, and still away');
  state.away = false;
  state.nowMs = 5000;
  t.equal(await write(), 'written');
  t.match(recorded.at(-1), { fromMs: 1000, untilMs: 5000 });
  state.away = true;
  await t.rejects(write(), { message: 'DynamoDB is away' }, 'closed again');
});
