import { testEngines } from '@onsale/local/test-engines';
import { Pool } from 'pg';
import t from 'tap';
import { readEndedIntents } from './read-ended-intents.ts';

t.setTimeout(120_000);
const engines = await testEngines(t, { needs: ['postgres'] });

t.test('an intent has ended once its own order has', async (t) => {
  const pool = new Pool({ connectionString: engines.postgresUrl });
  t.teardown(() => pool.end());
  const insert = (intentId: string, status: string, alone = false) =>
    pool.query(
      `insert into orders (order_id, intent_id, alone, user_id, event_id, sale_id, seat_ids, amount_minor, currency, status,
         reason, idem)
       values ($1 || $2, $1, $3, 'ann', 'event', 'event.0', '{R1C1}', 1, 'KRW', $2, 'seat_not_held', $1)`,
      [intentId, status, alone],
    );
  const open = ['WAITING_FOR_HOLD', 'PROCESSING', 'AWAITING_PAYMENT'];
  const ended = ['CONFIRMED', 'REJECTED', 'CANCELLED'];
  for (const status of [...open, ...ended]) await insert(`intent-${status}`, status);
  // A commit refused for what it said, over an intent whose own order goes on.
  await insert('intent-PROCESSING', 'REJECTED', true);
  const asked = [...open, ...ended, 'UNKNOWN'].map((status) => `intent-${status}`);
  t.same((await readEndedIntents(pool, asked)).sort(), ended.map((status) => `intent-${status}`).sort());
});
