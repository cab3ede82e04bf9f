import t from 'tap';
import { createServerClock } from './server-clock.ts';

t.test('tells the server’s time by the quickest exchange, whatever the device thinks', async (t) => {
  let local = 1000;
  const clock = createServerClock(
    () => local,
    () => 42,
  );
  t.equal(clock.nowMs(), 42, 'until something is known');
  clock.observe(500_000, 1000, 1400);
  local = 1400;
  t.equal(clock.nowMs(), 500_200);
  clock.observe(500_310, 1500, 1520);
  local = 1520;
  t.equal(clock.nowMs(), 500_320);
  clock.observe(999_999, 1600, 9000);
  local = 2520;
  t.equal(clock.nowMs(), 501_320, 'a slow one says less');
});

t.test('an old exchange is forgotten: clocks drift', async (t) => {
  const clock = createServerClock(
    () => 0,
    () => 0,
  );
  clock.observe(100, 0, 0);
  for (let time = 0; time < 8; time++) clock.observe(200, 0, 2);
  t.equal(clock.nowMs(), 199);
});
