import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { claimRun, publishRun, readRun, releaseRun, type RunState } from './run-state.ts';

const state: RunState = {
  pid: process.pid,
  url: 'http://127.0.0.1:8080',
  internal: { 'public-api': ['http://127.0.0.1:9001'] },
  engines: { postgresUrl: 'p', redisUrl: 'r', dynamodbEndpoint: 'd', sqsEndpoint: 's' },
  paymentProvider: 'http://127.0.0.1:9002',
};

t.test('a second start in the same directory is told where the first one is', async (t) => {
  const dir = join(t.testdir(), 'state');
  await claimRun(dir, state.url);
  await t.rejects(claimRun(dir, 'http://127.0.0.1:8081'), /8080/);
  t.equal(await readRun(dir), undefined, 'a claim is not yet a running system');
  await publishRun(dir, state);
  t.same(await readRun(dir), state);
  await releaseRun(dir);
  t.equal(await readRun(dir), undefined);
  await claimRun(dir, state.url);
});

t.test('what a killed process left behind is taken over', async (t) => {
  const dir = t.testdir();
  const gone = spawn(process.execPath, ['-e', '']);
  await once(gone, 'exit');
  await writeFile(join(dir, 'running.json'), JSON.stringify({ ...state, pid: gone.pid }));
  t.equal(await readRun(dir), undefined);
  await claimRun(dir, state.url);
});
