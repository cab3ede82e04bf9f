import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { testEngines } from '@onsale/local/test-engines';
import pg from 'pg';
import t from 'tap';

const engines = await testEngines(t, { needs: ['postgres'] });

const run = (url: string) =>
  new Promise<{ code: number; lines: { event: string; ran?: string[] }[]; printed: string }>((resolve) =>
    execFile(
      process.execPath,
      [fileURLToPath(new URL('./main.ts', import.meta.url))],
      { env: { POSTGRES_URL: url } },
      (error, out, err) =>
        resolve({
          code: error ? Number(error.code) : 0,
          printed: out + err,
          lines: out
            .split('\n')
            .filter((line) => line.startsWith('{'))
            .map((line) => JSON.parse(line) as { event: string; ran?: string[] }),
        }),
    ),
  );

t.test(
  'the Job migrates, run again it finds nothing to do, and at once with another it does no harm',
  async (t) => {
    const admin = new pg.Client({ connectionString: engines.postgresUrl });
    await admin.connect();
    t.teardown(() => admin.end());
    const name = `migrate_${randomUUID().replaceAll('-', '')}`;
    await admin.query(`CREATE DATABASE ${name} TEMPLATE template0`);
    const url = new URL(engines.postgresUrl);
    url.pathname = `/${name}`;
    const both = await Promise.all([run(url.href), run(url.href)]);
    t.strictSame(
      both.map(({ code }) => code),
      [0, 0],
      both.map(({ printed }) => printed).join('\n'),
    );
    const ran = both.map(({ lines }) => lines.at(-1)?.ran ?? []);
    t.ok(ran.flat().includes('0002_orders'));
    t.ok(
      ran.some((names) => names.length === 0),
      'one did all of it',
    );
    t.strictSame((await run(url.href)).lines.at(-1)?.ran, []);
  },
);

t.test(
  'a database that is not there fails the Job, which is tried again, and tells no password',
  async (t) => {
    const { code, lines, printed } = await run('postgres://owner:swordfish@127.0.0.1:1/onsale');
    t.equal(code, 1);
    t.ok(lines.some(({ event }) => event === 'migration_failed'));
    t.notMatch(printed, /swordfish/);
  },
);
