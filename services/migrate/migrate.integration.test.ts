import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { testEngines } from '@onsale/local/test-engines';
import pg from 'pg';
import t from 'tap';

// Each Job is a process of its own, and a busy machine starts them slowly.
t.setTimeout(240_000);
const engines = await testEngines(t, { needs: ['postgres'] });

const run = (url: string, serviceUrl?: string) =>
  new Promise<{ code: number; lines: { event: string; ran?: string[] }[]; printed: string }>((resolve) =>
    execFile(
      process.execPath,
      [fileURLToPath(new URL('./main.ts', import.meta.url))],
      { env: { POSTGRES_URL: url, ...(serviceUrl ? { SERVICE_POSTGRES_URL: serviceUrl } : {}) } },
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

t.test('the services’ user may read and write, change no table, and keeps the password it has', async (t) => {
  const admin = new pg.Client({ connectionString: engines.postgresUrl });
  await admin.connect();
  const name = `grant_${randomUUID().replaceAll('-', '')}`;
  await admin.query(`CREATE DATABASE ${name} TEMPLATE template0`);
  const owner = new URL(engines.postgresUrl);
  owner.pathname = `/${name}`;
  const service = new URL(owner);
  service.username = name;
  service.password = 'first p@ss';
  t.teardown(async () => {
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.query(`DROP ROLE ${name}`);
    await admin.end();
  });
  const both = await Promise.all([run(owner.href, service.href), run(owner.href, service.href)]);
  t.strictSame(
    both.map(({ code }) => code),
    [0, 0],
    both.map(({ printed }) => printed).join('\n'),
  );
  // The secret after a rotation: another user and another password, and the role is there.
  const rotated = new URL(service);
  rotated.username = `${name}_clone`;
  rotated.password = 'second';
  t.match((await run(owner.href, rotated.href)).lines.at(-1), { event: 'service_role_granted', made: false });

  const client = new pg.Client({ connectionString: service.href });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query('DELETE FROM orders');
    await client.query('SELECT * FROM tickets FOR UPDATE');
    await client.query('COMMIT');
    await t.rejects(client.query('CREATE TABLE mine (id int)'), /permission denied/);
    await t.rejects(client.query('DROP TABLE orders'), /must be owner/);
  } finally {
    await client.end();
  }
});
