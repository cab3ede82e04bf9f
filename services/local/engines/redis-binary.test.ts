import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { ensureRedisBinary } from './redis-binary.ts';

const pathBefore = process.env['PATH'];
const lines: string[] = [];
const report = (line: string) => lines.push(line);

async function programs(
  t: { testdir(): string },
  entries: Readonly<Record<string, string>>,
): Promise<string> {
  const dir = t.testdir();
  for (const [name, output] of Object.entries(entries)) {
    await writeFile(join(dir, name), `#!/bin/sh\necho '${output}'\n`);
    await chmod(join(dir, name), 0o755);
  }
  process.env['PATH'] = dir;
  return dir;
}

t.afterEach(() => {
  process.env['PATH'] = pathBefore;
});

t.test('without a server and without a package manager of ours the error says what to install', async (t) => {
  await programs(t, { dnf: '' });
  const command = process.platform === 'darwin' ? 'brew install valkey' : 'sudo dnf install -y valkey';
  await t.rejects(ensureRedisBinary(report), {
    message: `Redis: no valkey-server or redis-server on PATH; install one with: ${command}`,
  });
});

t.test('a server too old for the scripts is refused by name and version', async (t) => {
  const dir = await programs(t, { 'redis-server': 'Redis server v=6.0.16 sha=00000000:0' });
  await t.rejects(ensureRedisBinary(report), {
    message: `Redis: ${dir}/redis-server is version 6.0.16, but version 7 or later is needed (https://valkey.io/download/)`,
  });
});

t.test('a program that only checks dumps is not taken for a server', async (t) => {
  await programs(t, { 'redis-check-rdb': 'Unknown option --version' });
  await t.rejects(ensureRedisBinary(report), { message: /no valkey-server or redis-server on PATH/ });
});

t.test('Valkey goes before Redis, and an old one is passed over', async (t) => {
  const dir = await programs(t, {
    'valkey-server': 'Valkey server v=8.1.1 sha=00000000:0',
    'redis-server': 'Redis server v=7.0.15 sha=00000000:0',
  });
  t.same(await ensureRedisBinary(report), { path: `${dir}/valkey-server`, version: '8.1.1', kind: 'valkey' });
  t.same(lines, [], 'nothing was installed');
});
