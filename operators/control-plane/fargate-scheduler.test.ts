import { randomUUID } from 'node:crypto';
import t from 'tap';
import { createLaunchBucket, fargate, startDelayMs } from './fargate-scheduler.ts';

t.test('never more launches than the burst and twenty a second, in any span', async (t) => {
  let nowMs = 0;
  const take = createLaunchBucket(fargate.launchesPerSecond, fargate.launchBurst, () => nowMs);
  const launches: number[] = [];
  while (launches.length < 500) {
    const waitMs = take();
    if (waitMs > 0) nowMs += waitMs;
    else launches.push(nowMs);
  }
  launches.forEach((atMs, first) => {
    for (let last = first; last < launches.length; last += 7) {
      const seconds = (launches[last]! - atMs) / 1000;
      if (last - first + 1 > 20 + 20 * seconds + 1e-6) t.fail(`${last - first + 1} launches in ${seconds} s`);
    }
  });
  t.ok(Math.abs(nowMs - 24_000) < 1, `500 launches: 20 at once, then 480 in 24 s, took ${nowMs} ms`);
});

t.test('starts take 40 to 90 s, spread evenly, always as long for the same pod', async (t) => {
  const options = { ...fargate, nodes: ['fargate-0'] };
  const delays = Array.from({ length: 2000 }, () => startDelayMs(randomUUID(), options));
  t.ok(Math.min(...delays) >= 40_000 && Math.max(...delays) <= 90_000);
  const mean = delays.reduce((sum, one) => sum + one, 0) / delays.length;
  t.ok(Math.abs(mean - 65_000) < 2000, `mean ${mean} ms`);
  t.equal(startDelayMs('same', options), startDelayMs('same', options));
});
