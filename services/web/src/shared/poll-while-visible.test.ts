import t from 'tap';
import { pollWhileVisible } from './poll-while-visible.ts';

function fakePage() {
  const page = Object.assign(new EventTarget(), { hidden: false });
  const show = (isVisible: boolean) => {
    page.hidden = !isVisible;
    page.dispatchEvent(new Event('visibilitychange'));
  };
  return { page: page as unknown as Document, show };
}

/** Questions that wait to be answered by the test. */
function questions() {
  const open: ((afterMs: number) => void)[] = [];
  const waiting: (() => void)[] = [];
  const signals: AbortSignal[] = [];
  const ask = (signal: AbortSignal) => {
    signals.push(signal);
    return new Promise<number>((answer) => {
      open.push(answer);
      waiting.shift()?.();
    });
  };
  const next = async () => {
    if (open.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    return open.shift()!;
  };
  return { ask, next, signals, open };
}

/** Long enough for a timer of 0 ms that should not be there. */
const turns = async () => {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve, 2));
};

t.test('asks again after as long as the answer says', async (t) => {
  const { page } = fakePage();
  const { ask, next, signals } = questions();
  const stop = pollWhileVisible(ask, page);
  (await next())(0);
  (await next())(60_000);
  await turns();
  t.equal(signals.length, 2);
  stop();
  t.ok(signals[0]!.aborted);
});

t.test('a hidden page asks nothing, and asks at once when it is back', async (t) => {
  const { page, show } = fakePage();
  const { ask, next, signals } = questions();
  const stop = pollWhileVisible(ask, page);
  const answer = await next();
  show(false);
  answer(0);
  await turns();
  t.equal(signals.length, 1);
  show(true);
  (await next())(60_000);
  t.equal(signals.length, 2);
  stop();
});

t.test('one question at a time, however often the page comes and goes', async (t) => {
  const { page, show } = fakePage();
  const { ask, next, signals } = questions();
  const stop = pollWhileVisible(ask, page);
  const answer = await next();
  show(false);
  show(true);
  await turns();
  t.equal(signals.length, 1);
  answer(0);
  (await next())(60_000);
  t.equal(signals.length, 2);
  stop();
});

t.test('a question that throws is asked again', async (t) => {
  const { page } = fakePage();
  const reported: unknown[] = [];
  // Every browser has it, Node has not.
  globalThis.reportError = (error) => void reported.push(error);
  const fault = new Error('no such section');
  const { ask, next, signals } = questions();
  const faulty = async (signal: AbortSignal) => {
    const afterMs = await ask(signal);
    if (afterMs < 0) throw fault;
    return afterMs;
  };
  const stop = pollWhileVisible(faulty, page, 0);
  (await next())(-1);
  (await next())(60_000);
  t.equal(signals.length, 2);
  t.same(reported, [fault]);
  stop();
});
