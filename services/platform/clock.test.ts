import t from 'tap';
import { maxClockDoubtMs, RedisClock } from './clock.ts';

const epochMs = Date.parse('2027-01-01T00:00:00Z');

/** A server whose clock runs by the test's, and whose answers take as long as it says. */
function fixture(options: { firstReadingDeadlineMs?: number } = {}) {
  let monotonicMs = 1_000_000;
  const server = { aheadMs: 0, roundTripMs: 2, isAway: false, readings: 0 };
  const clock = new RedisClock(
    {
      async time() {
        server.readings++;
        if (server.isAway) throw new Error('Connection is closed.');
        monotonicMs += server.roundTripMs / 2;
        const nowMs = epochMs + monotonicMs + server.aheadMs;
        monotonicMs += server.roundTripMs / 2;
        return [String(Math.floor(nowMs / 1000)), String(Math.round((nowMs % 1000) * 1000))] as never;
      },
    },
    { intervalMs: 1, monotonicMs: () => monotonicMs, ...options },
  );
  const serverNowMs = () => epochMs + monotonicMs + server.aheadMs;
  /** Waits until the clock has asked again and seen the answer. */
  const reading = async () => {
    const before = server.readings;
    while (server.readings < before + 2) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  return { clock, server, serverNowMs, reading, advance: (ms: number) => (monotonicMs += ms) };
}

t.test('before the first reading everything is in doubt, after it half a round trip', async (t) => {
  const { clock, server, serverNowMs } = fixture();
  t.equal(clock.doubtMs(), Number.POSITIVE_INFINITY);
  server.roundTripMs = 10;
  await clock.start();
  clock.stop();
  t.equal(clock.nowMs(), Math.round(serverNowMs()));
  t.equal(clock.doubtMs(), 5);
});

t.test('it runs on by the monotonic clock, and doubt grows while the server is away', async (t) => {
  const { clock, server, serverNowMs, advance, reading } = fixture();
  await clock.start();
  t.teardown(() => clock.stop());
  server.isAway = true;
  await reading();
  advance(60_000);
  t.equal(clock.nowMs(), Math.round(serverNowMs()), 'no reading, no jump');
  t.equal(clock.doubtMs(), 1 + 60_000 * 0.0002);
  advance(1_500_000);
  t.ok(clock.doubtMs() > maxClockDoubtMs, 'too long away to decide by');
  server.isAway = false;
  await reading();
  t.equal(clock.doubtMs(), 1, 'well again without a restart');
});

t.test('a reading under load does not replace a better one', async (t) => {
  const { clock, server, reading } = fixture();
  await clock.start();
  t.teardown(() => clock.stop());
  server.roundTripMs = 100;
  await reading();
  t.ok(clock.doubtMs() < 1.5, `${clock.doubtMs()}`);
});

t.test('a server whose clock was set is followed at once, also under load', async (t) => {
  const { clock, server, serverNowMs, reading } = fixture();
  await clock.start();
  t.teardown(() => clock.stop());
  for (const aheadMs of [5000, -5000]) {
    server.aheadMs = aheadMs;
    server.roundTripMs = 40;
    await reading();
    t.ok(Math.abs(clock.nowMs() - serverNowMs()) <= clock.doubtMs() + 1, `${aheadMs}`);
    t.ok(clock.doubtMs() < 25);
  }
});

t.test('the first reading is tried for until it comes', async (t) => {
  const { clock, server } = fixture();
  server.isAway = true;
  const started = clock.start();
  while (server.readings < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  server.isAway = false;
  await started;
  clock.stop();
  t.equal(clock.doubtMs(), 1);
});

t.test('without any reading there is no clock', async (t) => {
  const { clock, server } = fixture({ firstReadingDeadlineMs: 20 });
  server.isAway = true;
  await t.rejects(clock.start(), { message: 'Redis did not tell the time', cause: { message: /closed/ } });
});
