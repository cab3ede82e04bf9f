import { testEngines } from '@onsale/local/test-engines';
import { Pool } from 'pg';
import t from 'tap';
import { createBreakerEpochs } from './breaker-epochs.ts';

t.setTimeout(120_000);
const engines = await testEngines(t, { needs: ['postgres'] });

t.test('a sale goes on without lock items until it is rebuilt, and what was told stays told', async (t) => {
  const pool = new Pool({ connectionString: engines.postgresUrl });
  t.teardown(() => pool.end());
  const epochs = createBreakerEpochs(pool);
  t.equal(await epochs.extend('event.0', 1, 5000.4), true);
  t.equal(await epochs.extend('event.0', 1, 4000), true, 'another process, whose clock is behind');
  t.equal(await epochs.supersede('event.0', 2), 5001);
  t.equal(await epochs.extend('event.0', 1, 9000), false);
  t.equal(await epochs.extend('event.0', 2, 9000), true);
  t.equal(await epochs.supersede('event.0', 1), 9000, 'a rebuild that was overtaken');
  t.equal(await epochs.extend('event.0', 1, 9999), false);
  t.equal(await epochs.supersede('event.2', 1), undefined);
  t.equal((await pool.query('select from lock_breaker_epochs')).rowCount, 1, 'a new sale leaves no row');
  t.equal(await epochs.supersede('event.1', 3), undefined);
  t.equal(await epochs.extend('event.1', 2, 9999), false, 'also where nothing went on before');
});
