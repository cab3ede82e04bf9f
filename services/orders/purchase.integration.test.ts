import t from 'tap';
import { startTestBed, until } from './test-bed.ts';

const bed = await startTestBed(t);

t.test('held, priced, paid and committed: tickets, and the stores know', async (t) => {
  const buyer = bed.buyer();
  const seatIds = bed.freeSeats(2);
  t.ok(buyer.hold(seatIds));
  const intent = await buyer.intent(seatIds);
  t.equal(intent.amountMinor, 2000);
  const key = await buyer.commit(intent.intentId, seatIds);
  t.match(await buyer.status(key), {
    order: { status: 'PROCESSING', reason: null },
    payment: { status: 'PENDING' },
  });
  await buyer.capture(intent.intentId, intent.amountMinor);
  await bed.workOff();
  t.match(await buyer.status(key), {
    order: {
      intentId: intent.intentId,
      status: 'CONFIRMED',
      amount: 2000,
      currency: 'KRW',
      tickets: seatIds.map((seatId) => ({ seatId, status: 'VALID' })),
    },
    payment: { status: 'CAPTURED', amount: 2000, refunded: 0 },
  });
  await until('the seats to be sold', async () => bed.seats.stateOf(bed.saleId, seatIds[1]!) === 'sold');
});

t.test('however empty the tables were when it was planned, no statement reads a whole one', async (t) => {
  const buyers = Array.from({ length: 20 }, () => bed.buyer());
  for (const buyer of buyers) {
    const seatIds = bed.freeSeats(1);
    buyer.hold(seatIds);
    const { intentId, amountMinor } = await buyer.intent(seatIds);
    await buyer.capture(intentId, amountMinor);
    const key = await buyer.commit(intentId, seatIds);
    await bed.work();
    await buyer.status(key);
    await bed.orders.readIntent(intentId);
    await bed.orders.listOrders(buyer.userId, 10);
  }
  await bed.workOff();
  await bed.orders.drain();
  const { sweeper, refunds, opener } = bed.orders;
  for (const sweep of [
    sweeper.waiting,
    sweeper.unsent,
    sweeper.unpaid,
    sweeper.unprojected,
    refunds.sweep,
    opener.sweep,
  ]) {
    await sweep(10);
  }
  const read = await until('the statistics to be written', async () => {
    // Every connection writes its own, when it is asked to or has been idle for ten seconds.
    const connections = Array.from({ length: bed.pool.totalCount });
    await Promise.all(connections.map(() => bed.pool.query('select pg_stat_force_next_flush()')));
    const { rows } = await bed.pool.query<{ relname: string; seq_scan: number; n_tup_ins: number }>(
      `select relname, seq_scan, n_tup_ins from pg_stat_user_tables
       where relname in ('payment_intents', 'orders', 'commit_keys', 'captures', 'tickets', 'refunds', 'payments_to_open')`,
    );
    return rows.some((row) => row.relname === 'tickets' && row.n_tup_ins > buyers.length) && rows;
  });
  t.same(
    read.filter((row) => row.seq_scan > 0).map((row) => row.relname),
    [],
  );
});
