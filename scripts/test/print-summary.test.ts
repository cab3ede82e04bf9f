import t from 'tap';
import { progressLine, summarize } from './print-summary.ts';
import type { TestFileResult } from './run-test-file.ts';

const result = (part: Partial<TestFileResult>): TestFileResult => ({
  path: 'a.test.ts',
  seconds: 1.25,
  passed: 0,
  failed: 0,
  skipped: 0,
  failures: [],
  output: '',
  ...part,
});
const why = 'no browser: npm run setup';

t.test('the last line holds the counts alone', async (t) => {
  const { lines, failed } = summarize({
    files: [result({ passed: 3 }), result({ passed: 1, failed: 2, skipped: 1, failures: [{ name: 'x' }] })],
    skippedTiers: [],
  });
  t.equal(lines.at(-1), '4 passed, 2 failed, 1 skipped');
  t.equal(failed, 2);
});

t.test('a skipped tier counts its files and names the command that helps', async (t) => {
  const { lines, failed } = summarize({
    files: [result({ passed: 1 })],
    skippedTiers: [{ name: 'browser', files: 2, why, required: false }],
  });
  t.equal(lines.at(-1), '1 passed, 0 failed, 2 skipped');
  t.equal(failed, 0);
  t.match(lines.join('\n'), `skipped: tier browser, 2 files, not run: ${why}`);
});

t.test('a skipped tier that someone relies on has failed', async (t) => {
  const { lines, failed } = summarize({
    files: [result({ passed: 1 })],
    skippedTiers: [{ name: 'browser', files: 2, why, required: true }],
  });
  t.equal(lines.at(-1), '1 passed, 2 failed, 0 skipped');
  t.equal(failed, 2);
});

t.test('a failure is told in full: where, difference, stack, cause, and what the file printed', async (t) => {
  const details = {
    at: { fileName: 'a.test.ts', lineNumber: 3, columnNumber: 5 },
    diff: '-1\n+2\n',
    stack: 'somewhere (b.ts:1:2)\n',
    cause: { message: 'the socket closed', stack: 'deeper (c.ts:9:9)' },
    tapCaught: 'returnedPromiseRejection',
  };
  const { lines } = summarize({
    files: [result({ failed: 1, failures: [{ name: 'buys > fails', details }], output: 'a warning' })],
    skippedTiers: [],
  });
  const text = lines.join('\n');
  for (const part of [
    'buys > fails',
    'a.test.ts:3:5',
    '+2',
    'b.ts:1:2',
    'the socket closed',
    'c.ts:9:9',
    'a warning',
  ]) {
    t.match(text, part);
  }
});

t.test('progress names the file and leaves out zeros', async (t) => {
  t.equal(progressLine(result({ passed: 2 })), 'ok        1.3 s  a.test.ts  2 passed');
  t.equal(progressLine(result({ failed: 1 })), 'FAILED    1.3 s  a.test.ts  0 passed, 1 failed');
});
