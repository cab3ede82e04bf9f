import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import t, { type Test } from 'tap';
import { runTestFile } from './run-test-file.ts';

const modules = resolve(import.meta.dirname, '../../node_modules');

/** Runs a test file with this text, in a folder of its own. */
async function run(
  t: Test,
  text: string,
  { timeoutSeconds = 60, signal = new AbortController().signal } = {},
) {
  const cwd = t.testdir({ 'package.json': '{"type":"module"}' });
  await symlink(modules, join(cwd, 'node_modules'));
  await writeFile(join(cwd, 'some.test.ts'), `import t from 'tap';\n${text}`);
  const result = await runTestFile('some.test.ts', { cwd, env: process.env, timeoutSeconds, signal });
  const names = result.failures.map(({ name }) => name);
  const { passed, failed, skipped, output } = result;
  return { counts: { passed, failed, skipped }, names, output, cwd, result };
}

async function isGone(pid: number): Promise<boolean> {
  // A killed process may wait a moment for its parent to take note.
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat === '' || / Z /.test(stat);
}

/** Asks until the answer is a true one. */
async function until<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const deadline = performance.now() + 40_000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > deadline) throw new Error(`not within 40 s: ${String(ask)}`);
    await new Promise((go) => setTimeout(go, 20));
  }
}

// Nine programs, one after another.
t.setTimeout(240_000);

t.test('a file may ask for more time than it has by default', async (t) => {
  const { counts } = await run(
    t,
    `t.setTimeout(60_000);
     t.test('slow', () => new Promise((go) => setTimeout(go, 9000)));`,
    // Loading tap takes a busy machine seconds, and only then can the file ask.
    { timeoutSeconds: 5 },
  );
  t.same(counts, { passed: 1, failed: 0, skipped: 0 }, 'beyond its time and the grace');
});

t.test('tests at the top of the file are counted, whatever they hold', async (t) => {
  const { counts, names } = await run(
    t,
    `t.test('a', async (t) => { t.ok(1); t.ok(2); });
     t.test('b', async (t) => { await t.test('inner', async (t) => t.equal(1, 2, 'one is two')); });
     t.test('c', { skip: true }, async () => {});
     t.ok(true, 'd');`,
  );
  t.same(counts, { passed: 2, failed: 1, skipped: 1 });
  t.same(names, ['b > inner > one is two']);
});

t.test('what the file prints is kept, and results are not', async (t) => {
  const { output } = await run(t, `console.log('said'); console.error('warned'); t.ok(true);`);
  t.equal(output, 'said\nwarned');
});

t.test('a file that crashes has failed once more', async (t) => {
  const { counts, names, output } = await run(t, `t.ok(true); await import('./not-there.ts');`);
  t.equal(counts.failed, 1);
  t.match(names, [/not-there|exited/]);
  t.match(output + names.join(), 'not-there');
});

t.test('so has one that a signal ends', async (t) => {
  const { counts, names } = await run(
    t,
    `t.ok(true); t.ok(true); setTimeout(() => process.kill(process.pid, 'SIGKILL'), 50); t.test('never', () => new Promise(() => {}));`,
  );
  t.match(counts, { passed: 2, failed: 1 });
  t.same(names, ['the file was ended by SIGKILL']);
});

t.test('one that leaves before its tests are done', async (t) => {
  const { counts } = await run(t, `t.ok(true); t.plan(3); process.exit(0);`);
  t.ok(counts.failed >= 1);
});

t.test('and one without tests', async (t) => {
  const { counts, names } = await run(t, '');
  t.same(counts, { passed: 0, failed: 1, skipped: 0 });
  t.same(names, ['the file has no tests']);
});

t.test('tap itself reports a test that takes too long', async (t) => {
  const { counts, names } = await run(
    t,
    `t.test('hangs', () => new Promise((go) => setTimeout(go, 60_000)));`,
    {
      timeoutSeconds: 4,
    },
  );
  t.equal(counts.passed, 0);
  t.match(names, [/timeout/i, 'the file did not end within 4 s and 3 s of grace']);
});

t.test('an interrupted file ends with everything it started', async (t) => {
  const controller = new AbortController();
  const running = run(
    t,
    `import { spawn } from 'node:child_process';
     import { writeFileSync } from 'node:fs';
     const { pid } = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
     writeFileSync('pid.txt', \`\${pid}.\`);
     t.test('hangs', () => new Promise((go) => setTimeout(go, 60_000)));`,
    { signal: controller.signal },
  );
  const written = () => readFile(join(t.testdirName, 'pid.txt'), 'utf8').catch(() => '');
  const pid = Number(await until(async () => /^(\d+)\.$/.exec(await written())?.[1]));
  controller.abort();
  t.same((await running).names, ['the file interrupted']);
  await until(() => isGone(pid));
  t.pass('the child is gone');
});
