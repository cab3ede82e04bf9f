import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { until } from './until-fixture.ts';
import { createWorkQueue } from './work-queue.ts';

t.test('a key is never worked on twice at once, and one added meanwhile is worked on again', async (t) => {
  let running = 0;
  let runs = 0;
  const gate = Promise.withResolvers<void>();
  const queue = createWorkQueue({
    concurrency: 4,
    async process() {
      running += 1;
      t.equal(running, 1);
      runs += 1;
      if (runs === 1) await gate.promise;
      running -= 1;
      return undefined;
    },
    onError: (_key, error) => t.fail(String(error)),
  });
  queue.add('a');
  for (let i = 0; i < 10; i++) queue.add('a');
  gate.resolve();
  await until(() => runs === 2);
  await queue.stop();
  t.equal(runs, 2, 'ten additions are one more run');
});

t.test('a failing key backs off alone', async (t) => {
  const atMs: number[] = [];
  let others = 0;
  const queue = createWorkQueue({
    concurrency: 2,
    firstBackoffMs: 20,
    async process(key) {
      if (key === 'other') {
        others += 1;
        return undefined;
      }
      atMs.push(performance.now());
      if (atMs.length < 4) throw new Error('not yet');
      return undefined;
    },
    onError: () => {},
  });
  queue.add('failing');
  queue.add('other');
  await until(() => atMs.length === 4);
  t.equal(others, 1);
  t.ok(atMs[3]! - atMs[2]! >= 75, 'third wait is four times the first');
  await queue.stop();
});

t.test('the earliest of several later times counts, and a month does not fire at once', async (t) => {
  let runs = 0;
  const queue = createWorkQueue({
    concurrency: 1,
    async process() {
      runs += 1;
      return undefined;
    },
    onError: () => {},
  });
  queue.addAfter('month', 40 * 86_400_000);
  await delay(30);
  t.equal(runs, 0);
  queue.addAfter('month', 10);
  await until(() => runs === 1);
  await queue.stop();
});

t.test('stopping waits for what runs', async (t) => {
  let ended = false;
  const queue = createWorkQueue({
    concurrency: 1,
    async process() {
      await delay(30);
      ended = true;
      return 0;
    },
    onError: () => {},
  });
  queue.add('a');
  await queue.stop();
  t.equal(ended, true);
});
