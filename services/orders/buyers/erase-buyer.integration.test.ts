import t from 'tap';
import { startTestBed, until } from '../test-bed.ts';
import { eraseBuyer, finishErasure } from './erase-buyer.ts';
import { readBuyerRecords } from './read-buyer-records.ts';

t.setTimeout(120_000);

const bed = await startTestBed(t);
const { pool, orders, saleId } = bed;

const rowsNaming = async (text: string) => {
  const { rows } = await pool.query<{ table_name: string }>(
    `select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  const found: string[] = [];
  for (const { table_name: table } of rows) {
    const naming = await pool.query(`select from ${table} t where strpos(t::text, $1) > 0`, [text]);
    for (let count = 0; count < naming.rowCount!; count++) found.push(table);
  }
  return found;
};

const countRows = (records: Awaited<ReturnType<typeof readBuyerRecords>>) =>
  Object.fromEntries(
    Object.entries(records).flatMap(([table, rows]) => (rows.length > 0 ? [[table, rows.length]] : [])),
  );

/** Orders end in the stores too before they may be forgotten. */
const settled = (userId: string) =>
  until('the buyer’s orders and refunds to be done', async () => {
    await bed.workOff();
    await orders.sweeper.unprojected(100);
    await orders.refunds.sweep(100);
    const { rows } = await pool.query(
      `select from orders left join refunds using (intent_id)
       where user_id = $1 and (orders.due_at is not null or refunds.due_at is not null)`,
      [userId],
    );
    return rows.length === 0;
  });

t.test('a buyer’s rows are exported whole, and stay without the buyer', async (t) => {
  const ann = bed.buyer('ann');
  const seatIds = bed.freeSeats(2);
  ann.hold(seatIds);
  const { intentId, amountMinor } = await ann.intent(seatIds, 'key-of-ann-1');
  await ann.capture(intentId, amountMinor);
  await ann.commit(intentId, seatIds, 'commit-of-ann');
  await settled('ann');
  const bought = await ann.status('commit-of-ann');
  t.equal(bought.order?.status, 'CONFIRMED');
  await ann.intent(bed.freeSeats(1), 'key-never-paid');
  bed.provider.before = () => {
    throw new Error('the provider is away');
  };
  const [cancelled] = bought.order!.tickets;
  await orders.cancelOrder({
    orderId: bought.order!.orderId,
    userId: 'ann',
    ticketIds: [cancelled!.ticketId],
  });

  t.match(await eraseBuyer(pool, 'ann'), { outcome: 'under-way', refunds: 1 });
  bed.provider.before = () => undefined;
  await settled('ann');
  t.match(countRows(await readBuyerRecords(pool, 'ann')), {
    payment_intents: 2,
    captures: 1,
    refunds: 1,
    orders: 1,
    commit_keys: 1,
    tickets: 2,
  });
  t.same(countRows(await readBuyerRecords(pool, 'bob')), {});

  const erased = await eraseBuyer(pool, 'ann');
  if (erased.outcome !== 'erased') throw new Error(erased.outcome);
  const { pseudonym } = erased;
  t.match(erased, {
    kept: { orders: 1, intents: 1, reservations: 0 },
    removed: { intents: 1 },
    seats: [{ saleId, seatIds: [bought.order!.tickets[1]!.seatId] }],
  });
  // The capture began the order or the commit did: whichever came first gave it its key.
  t.same(
    erased.commitKeys.filter((key) => key !== `capture-${intentId}`),
    ['commit-of-ann'],
  );
  t.same(await rowsNaming('ann'), ['erasures'], 'until the other stores are done');
  t.match(await eraseBuyer(pool, 'ann'), { pseudonym, commitKeys: [] }, 'cut off, it goes on where it was');
  await finishErasure(pool, pseudonym);
  await finishErasure(pool, pseudonym);
  t.same(await rowsNaming('ann'), []);

  t.match(countRows(await readBuyerRecords(pool, pseudonym)), {
    captures: 1,
    refunds: 1,
    orders: 1,
    tickets: 2,
  });
  const { rows } = await pool.query(
    `select c.amount_minor - r.amount_minor as kept, t.price_minor as live
     from captures c join refunds r using (payment_id), tickets t
     where c.intent_id = $1 and t.order_id = $2 and t.status = 'VALID'`,
    [intentId, bought.order!.orderId],
  );
  t.equal(rows[0].kept, rows[0].live, 'captured − refunded = live tickets');
  const again = await ann.intent(seatIds, 'key-of-ann-1');
  t.not(again.intentId, intentId, 'who comes back is a new buyer');
});

t.test('nothing is erased while a paid order waits for its end', async (t) => {
  const cleo = bed.buyer('cleo');
  const seatIds = bed.freeSeats(1);
  const { intentId, amountMinor } = await cleo.intent(seatIds);
  await cleo.capture(intentId, amountMinor);
  t.match(await eraseBuyer(pool, 'cleo'), { outcome: 'under-way', orders: 1 });
  t.ok((await rowsNaming('cleo')).includes('orders'));
  cleo.hold(seatIds);
  await cleo.commit(intentId, seatIds);
  await settled('cleo');
  t.match(await eraseBuyer(pool, 'cleo'), { outcome: 'erased', kept: { orders: 1 } });
});

t.test('two erasures at once are one, and a capture that comes meanwhile is not lost', async (t) => {
  const dan = bed.buyer('dan');
  const seatIds = bed.freeSeats(1);
  const { intentId, amountMinor } = await dan.intent(seatIds);
  const [one, other] = await Promise.all([
    eraseBuyer(pool, 'dan'),
    eraseBuyer(pool, 'dan'),
    dan.capture(intentId, amountMinor),
  ]);
  // Whichever came first: an order under way, or money nobody is known to have paid, which goes back.
  for (const { outcome } of [one, other]) t.match(outcome, /^(erased|under-way)$/);
  if (one.outcome === 'erased' && other.outcome === 'erased') t.equal(one.pseudonym, other.pseudonym);
  const { rows } = await pool.query('select pays from captures where intent_id = $1', [intentId]);
  t.equal(rows.length, 1);
  const { rows: owed } = await pool.query(
    'select from refunds where intent_id = $1 union all select from orders where intent_id = $1',
    [intentId],
  );
  t.ok(owed.length > 0, 'it has an order or goes back');
});
