import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { type Answers, judgeCanary, type Look, readAnswers, sumAnswers } from './judge-canary.ts';

const none: Answers = { requests: 0, failed: 0, slow: 0 };
const begun: Look = { canary: none, stable: none, readyPods: 2, wantedPods: 2, restarts: 0 };
const after = (canary: Partial<Answers>, more: Partial<Look> = {}): Look => ({
  ...begun,
  canary: { requests: 1000, failed: 0, slow: 0, ...canary },
  stable: { requests: 9000, failed: 9, slow: 90 },
  ...more,
});

t.test('a service’s own metrics are understood', async (t) => {
  const text = execFileSync(
    process.execPath,
    [fileURLToPath(new URL('../../services/platform/testing/print-metrics-child.ts', import.meta.url))],
    { encoding: 'utf8' },
  );
  const { requests, failed } = readAnswers(text);
  t.strictSame({ requests, failed }, { requests: 2, failed: 0 });
  const failing = text.replaceAll('status="404"', 'status="503"');
  t.equal(readAnswers(failing).failed, 1);
  t.equal(readAnswers(text.replaceAll(/(le="0\.2".*\}) 1$/gm, '$1 0')).slow, 2);
  t.equal(sumAnswers([readAnswers(text), readAnswers(text)]).requests, 4);
});

t.test('a canary is judged by the pods beside it', async (t) => {
  t.same(judgeCanary(begun, after({})), { outcome: 'good' });
  t.match(judgeCanary(begun, after({ failed: 12 })), { outcome: 'bad', reason: '1.2 % failed, over 1.1 %' });
  t.match(judgeCanary(begun, after({ slow: 51 })), { outcome: 'bad', reason: /5\.1 % took over 200 ms/ });
  t.match(judgeCanary(begun, after({ slow: 49 })), { outcome: 'good' });
  const allSlow = { stable: { requests: 9000, failed: 0, slow: 4500 } };
  t.match(judgeCanary(begun, after({ slow: 510 }, allSlow)), { outcome: 'good' });
  t.match(judgeCanary(begun, after({}, { restarts: 1 })), { outcome: 'bad', reason: /restarted/ });
  t.match(judgeCanary(begun, after({}, { readyPods: 1 })), {
    outcome: 'bad',
    reason: '1 of 2 pods are ready',
  });
});

t.test('what was before the canary, and too few requests, say nothing', async (t) => {
  const failedBefore = { ...begun, canary: { requests: 500, failed: 100, slow: 100 } };
  t.match(judgeCanary(failedBefore, after({ requests: 1500, failed: 100, slow: 100 })), { outcome: 'good' });
  t.match(judgeCanary(begun, after({ requests: 49 })), { outcome: 'unknown' });
});
