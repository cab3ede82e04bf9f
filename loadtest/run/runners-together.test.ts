import t from 'tap';
import { runnersTogether } from './runners-together.ts';

/** Ends with this code at once, or with k6's own once it is stopped. */
const runnersOf = (codes: readonly (number | null | undefined)[]) => (number: number, signal: AbortSignal) =>
  new Promise<number | null>((resolve) => {
    const code = codes[number - 1];
    if (code !== undefined) resolve(code);
    else if (signal.aborted) resolve(105);
    else signal.addEventListener('abort', () => resolve(105));
  });
const never = new AbortController().signal;

t.test('a runner that crosses a stop condition stops the others, and its reason is the reason', async (t) => {
  t.equal(
    await runnersTogether(3, runnersOf([undefined, 99, undefined]), { durationSeconds: 600, signal: never }),
    99,
  );
});

t.test('a runner that is killed stops the others, too', async (t) => {
  t.equal(
    await runnersTogether(2, runnersOf([null, undefined]), { durationSeconds: 600, signal: never }),
    null,
  );
});

t.test('a target missed at the end stops nobody', async (t) => {
  let wasStopped = false;
  const code = await runnersTogether(
    2,
    async (number, signal) => {
      if (number === 1) return 99;
      await Promise.resolve();
      wasStopped = signal.aborted;
      return 0;
    },
    { durationSeconds: 1, signal: never },
  );
  t.equal(code, 99);
  t.notOk(wasStopped);
});

t.test('Ctrl-C stops all', async (t) => {
  const signal = AbortSignal.abort();
  t.equal(await runnersTogether(2, runnersOf([undefined, undefined]), { durationSeconds: 600, signal }), 105);
});
