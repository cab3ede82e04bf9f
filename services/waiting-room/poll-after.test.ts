import t from 'tap';
import { pollAfterSec } from './poll-after.ts';

const buyers = 2000;
const jitters = Array.from({ length: buyers }, (_, index) => index / buyers);
const polls = (situation: Partial<Parameters<typeof pollAfterSec>[0]>) =>
  jitters.map((jitter) =>
    pollAfterSec({ ready: false, drawn: true, leftMs: 0, cohort: 100, ...situation }, () => jitter),
  );

t.test('polls are between one and thirty-odd seconds apart, and jittered', async (t) => {
  for (const drawn of [false, true]) {
    for (const leftMs of [0, 500, 5000, 29_999, 31_000, 600_000, Number.MAX_SAFE_INTEGER]) {
      const all = polls({ drawn, leftMs });
      t.ok(
        Math.min(...all) >= 0.5 && Math.max(...all) <= 32,
        `${leftMs} ms: ${Math.min(...all)}–${Math.max(...all)}`,
      );
      t.ok(new Set(all).size >= 7, `${leftMs} ms: they differ`);
    }
  }
  t.ok(Math.min(...polls({ leftMs: 600_000 })) > 15, 'far away, rarely');
  t.ok(
    polls({ ready: true }).every((seconds) => seconds >= 20),
    'nothing to ask once it is one’s turn',
  );
});

t.test('nobody sleeps past the turn by more than a second and a bit', async (t) => {
  for (let leftMs = 0; leftMs < 130_000; leftMs += 370) {
    const latest = Math.max(...polls({ leftMs }));
    if (latest > Math.max(leftMs / 1000, 0.5) + 1.1) t.fail(`${latest} s with ${leftMs} ms left`);
  }
  t.pass();
});

t.test('before the opening the last poll aims behind it, and not at one second', async (t) => {
  const all = polls({ drawn: false, leftMs: 20_000 });
  t.ok(all.every((seconds) => seconds >= 20 && seconds <= 22));
  const firstSecond = all.filter((seconds) => seconds < 21).length;
  t.ok(
    firstSecond > 0.4 * buyers && firstSecond < 0.6 * buyers,
    `${firstSecond} of ${buyers} in the first second`,
  );
});

t.test('a crowd that would be a flood in two seconds is spread further', async (t) => {
  const all = polls({ drawn: false, leftMs: 10_000, cohort: 500_000 });
  t.ok(Math.max(...all) > 19.5 && Math.max(...all) <= 20);
});
