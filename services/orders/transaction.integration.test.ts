import { testEngines } from '@onsale/local/test-engines';
import { createLogger } from '@onsale/platform/logger';
import { createPostgres } from '@onsale/platform/postgres';
import t from 'tap';
import { inTransaction } from './transaction.ts';

t.setTimeout(120_000);
const engines = await testEngines(t, { needs: ['postgres'] });
const pool = createPostgres(
  { url: engines.postgresUrl, maxConnections: 1, applicationName: 'test' },
  createLogger('test', 'silent'),
);
t.teardown(() => pool.end());
await pool.query('create table said (word text primary key)');

const say = 'insert into said (word) values ($1)';
const said = async () =>
  (await pool.query<{ word: string }>('select word from said order by word')).rows.map(({ word }) => word);

t.test('statements that go out together are run in their order', async (t) => {
  const seen = await inTransaction(pool, async (client) => {
    const [, { rows }] = await Promise.all([
      client.query(say, ['one']),
      client.query<{ word: string }>('select word from said'),
      client.query(say, ['two']),
    ]);
    return rows;
  });
  t.same(seen, [{ word: 'one' }]);
  t.same(await said(), ['one', 'two']);
});

t.test('behind one that failed nothing is kept, and the connection serves the next', async (t) => {
  const work = inTransaction(pool, async (client) => {
    await Promise.all([
      client.query(say, ['three']),
      client.query('select 1 / 0'),
      client.query(say, ['four']),
    ]);
  });
  await t.rejects(work, { code: '22012' });
  t.same(await said(), ['one', 'two']);
  await inTransaction(pool, (client) => client.query(say, ['five']));
  t.same(await said(), ['five', 'one', 'two']);
});

t.test('what collides is run again as a whole', async (t) => {
  let attempts = 0;
  await inTransaction(pool, async (client) => {
    const word = ++attempts === 1 ? 'one' : 'six';
    await Promise.all([client.query(say, ['seven']), client.query(say, [word])]);
  });
  t.equal(attempts, 2);
  t.same(await said(), ['five', 'one', 'seven', 'six', 'two']);
});
