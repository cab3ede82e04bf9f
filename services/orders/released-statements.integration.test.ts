import { readdirSync, readFileSync } from 'node:fs';
import { testEngines } from '@onsale/local/test-engines';
import pg from 'pg';
import t from 'tap';

t.setTimeout(120_000);

const engines = await testEngines(t, { needs: ['postgres'] });
const released = new URL('./released/', import.meta.url);
const migrations = new URL('./migrations/', import.meta.url);

// During a rollout, and after a rollback, the version before asks a schema it has never seen. A release adds its folder:
// cp -r services/orders/sql services/orders/released/<version>; one goes when nobody rolls back to it any more.
t.test('what released versions ask, PostgreSQL still understands after all migrations', async (t) => {
  const client = new pg.Client({ connectionString: engines.postgresUrl });
  await client.connect();
  t.teardown(() => client.end());
  for (const version of readdirSync(released)) {
    const files = readdirSync(new URL(`${version}/`, released));
    t.ok(files.includes('settle-orders.sql'), `${version} is there`);
    for (const [index, file] of files.entries()) {
      const text = readFileSync(new URL(`${version}/${file}`, released), 'utf8');
      const name = `s${index}`;
      await t.resolves(client.query(`prepare ${name} as ${text}`), `${version} ${file}`);
      await client.query(`deallocate ${name}`);
    }
  }
});

/** Why a version that runs already could not go on after this migration; undefined when it can. */
function breaksRunningVersions(sql: string): string | undefined {
  const code = sql.replaceAll(/--.*$/gm, '');
  const rules = [
    [/\bdrop\s+(table|column|view|function|type)\b/i, 'it takes away what they use'],
    [/\brename\b/i, 'it renames what they use'],
    [/\bset\s+not\s+null\b/i, 'it refuses rows they write'],
    [/\balter\s+column\s+\S+\s+(set\s+data\s+)?type\b/i, 'it changes what they read, and rewrites the table'],
    [
      /\badd\s+column\b(?:(?!\bdefault\b)[^;,])*\bnot\s+null\b(?![^;,]*\bdefault\b)/i,
      'it refuses rows they write',
    ],
  ] as const;
  return rules.find(([pattern]) => pattern.test(code))?.[1];
}

t.test('migrations only add: what a running version uses stays', (t) => {
  for (const file of readdirSync(migrations).filter((name) => name.endsWith('.sql'))) {
    t.equal(breaksRunningVersions(readFileSync(new URL(file, migrations), 'utf8')), undefined, file);
  }
  for (const sql of [
    'drop table orders;',
    'alter table orders drop column reason;',
    'alter table orders rename column reason to why;',
    'alter table orders alter column reason set not null;',
    'alter table orders alter column attempt type bigint;',
    'alter table orders add column kind text not null;',
  ]) {
    t.ok(breaksRunningVersions(sql), sql);
  }
  t.notOk(breaksRunningVersions("alter table orders add column kind text not null default 'a';"));
  t.notOk(breaksRunningVersions("alter table orders add column kind text default 'a' not null;"));
  t.end();
});
