import { randomUUID } from 'node:crypto';
import { testEngines } from '@onsale/local/test-engines';
import pg from 'pg';
import t from 'tap';
import { migrate } from './migrate.ts';

const engines = await testEngines(t, { needs: ['postgres'] });

async function emptyDatabase(t: { teardown(handler: () => unknown): void }): Promise<string> {
  const admin = new pg.Client({ connectionString: engines.postgresUrl });
  await admin.connect();
  t.teardown(() => admin.end());
  const name = `empty_${randomUUID().replaceAll('-', '')}`;
  await admin.query(`CREATE DATABASE ${name} TEMPLATE template0`);
  const url = new URL(engines.postgresUrl);
  url.pathname = `/${name}`;
  return url.href;
}

t.test(
  'five replicas migrate at once: every migration runs exactly once, and again changes nothing',
  async (t) => {
    const url = await emptyDatabase(t);
    const lines: string[] = [];
    const first = await Promise.all(
      Array.from({ length: 5 }, () => migrate(url, (line) => lines.push(line))),
    );
    const ran = first.flat();
    t.ok(ran.includes('0002_orders'));
    t.equal(new Set(ran).size, ran.length, 'no migration ran twice');
    t.same(ran, [...ran].sort(), 'in the order of their numbers');
    t.same(
      lines,
      ran.map((name) => `migrated ${name}`),
    );

    const second = await Promise.all(Array.from({ length: 5 }, () => migrate(url)));
    t.same(second.flat(), []);
  },
);

t.test('every statement may be run again over an existing schema', async (t) => {
  const url = await emptyDatabase(t);
  const ran = await migrate(url);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  t.teardown(() => client.end());
  await client.query('TRUNCATE schema_migrations');
  t.same(await migrate(url), ran);
});
