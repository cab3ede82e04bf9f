import { randomUUID } from 'node:crypto';
import t from 'tap';
import { startTestBed, until, type TestBuyer } from '../test-bed.ts';

const bed = await startTestBed(t);
const { pool, orders } = bed;

/** An order that is paid and sent, over seats its buyer is committing. */
async function paidOrder(buyer: TestBuyer, seatIds: readonly string[]) {
  buyer.hold(seatIds);
  const { intentId, amountMinor } = await buyer.intent(seatIds);
  await buyer.capture(intentId, amountMinor);
  const message = buyer.commitMessage(intentId, seatIds);
  await orders.commits.accept(message);
  return { intentId, message, body: JSON.stringify(message) };
}

/** As a Redis does that failed over and forgot: somebody else may hold the seats, too. */
function forgetHolds(seatIds: readonly string[]) {
  for (const seatId of seatIds) bed.seats.seats.delete(`${bed.saleId} ${seatId}`);
}

const refundReasons = async (intentId: string) =>
  (await pool.query('select reason from refunds where intent_id = $1', [intentId])).rows.map(
    (row) => row.reason,
  );

for (const together of [true, false]) {
  t.test(`two orders race for one seat, ${together ? 'in one batch' : 'in two processes'}`, async (t) => {
    const rival = bed.startProcess();
    for (let round = 0; round < 15; round++) {
      const [shared, only, other] = bed.freeSeats(3) as [string, string, string];
      const [alice, bob] = [bed.buyer(), bed.buyer()];
      const first = await paidOrder(alice, [shared, only]);
      await orders.drain();
      forgetHolds([shared]);
      const second = await paidOrder(bob, [other, shared]);
      await orders.drain();
      const verdicts = together
        ? await orders.processor.process([first.body, second.body])
        : (
            await Promise.all([
              orders.processor.process([first.body]),
              rival.processor.process([second.body]),
            ])
          ).flat();
      t.same(verdicts, [{ verdict: 'done' }, { verdict: 'done' }]);
      const statuses = await Promise.all([alice.status(first.message.idem), bob.status(second.message.idem)]);
      t.same(statuses.map(({ order }) => order!.status).sort(), ['CONFIRMED', 'REJECTED']);
      t.equal(
        statuses.reduce((sum, { order }) => sum + order!.tickets.length, 0),
        2,
        'all seats of one order, none of the other',
      );
      const [winner, loser] = statuses[0].order!.status === 'CONFIRMED' ? [first, second] : [second, first];
      t.same(await refundReasons(winner.intentId), []);
      t.same(await refundReasons(loser.intentId), ['seat_already_sold']);
      await Promise.all([orders.drain(), rival.drain()]);
      t.equal(bed.seats.stateOf(bed.saleId, shared), 'sold', 'the stores know who has the last word');
    }
  });
}

t.test('a seat given back by a rejected order stays sold to one confirmed meanwhile', async (t) => {
  const rival = bed.startProcess();
  t.teardown(() => {
    bed.seats.before = () => undefined;
  });
  const [shared] = bed.freeSeats(1) as [string];
  const first = await paidOrder(bed.buyer(), [shared]);
  forgetHolds([shared]);
  const bob = bed.buyer();
  bob.hold([shared]);
  const { intentId, amountMinor } = await bob.intent([shared]);
  let confirming: Promise<unknown> | undefined;
  bed.seats.before = async (call) => {
    if (call !== 'freeCommitting') return;
    // The other process tells the stores of the sale while bob still has the seat.
    confirming ??= rival.processor.process([first.body]).then(() => rival.drain());
    await confirming;
  };
  const second = bob.commitMessage(intentId, [shared]);
  await orders.commits.accept(second);
  // Not what it costs: the order is rejected.
  await bob.capture(intentId, amountMinor + 1);
  await orders.processor.process([JSON.stringify(second)]);
  await orders.drain();
  t.ok(confirming, 'the seat was given back');
  t.equal(bed.seats.stateOf(bed.saleId, shared), 'sold');
});

t.test('one message that cannot be settled does not keep nine others from it', async (t) => {
  const buyers = Array.from({ length: 10 }, () => bed.buyer());
  const paid = [];
  for (const buyer of buyers) paid.push(await paidOrder(buyer, bed.freeSeats(1)));
  await orders.drain();
  const broken = paid[4]!.intentId;
  // An intent that got damaged: its ticket breaks a rule of the schema.
  await pool.query("alter table tickets add constraint broken check (sale_id <> 'broken')");
  await pool.query("update orders set sale_id = 'broken' where intent_id = $1", [broken]);
  const verdicts = await orders.processor.process(paid.map(({ body }) => body));
  t.same(
    verdicts.map(({ verdict }) => verdict),
    paid.map(({ intentId }) => (intentId === broken ? 'retry' : 'done')),
  );
  await pool.query('alter table tickets drop constraint broken');
  await pool.query('update orders set sale_id = $1 where intent_id = $2', [bed.saleId, broken]);
  t.same(await orders.processor.process([paid[4]!.body]), [{ verdict: 'done' }]);
  for (const [index, buyer] of buyers.entries()) {
    t.match(await buyer.status(paid[index]!.message.idem), { order: { status: 'CONFIRMED' } });
  }
});

t.test('a message delivered twice, or at the same time to two workers, is settled once', async (t) => {
  const buyer = bed.buyer();
  const { body, message, intentId } = await paidOrder(buyer, bed.freeSeats(2));
  const rival = bed.startProcess();
  const verdicts = await Promise.all(
    [orders, rival, orders, rival].map((one) => one.processor.process([body])),
  );
  t.same(new Set(verdicts.flat().map(({ verdict }) => verdict)), new Set(['done']));
  t.equal((await buyer.status(message.idem)).order!.tickets.length, 2);
  t.same(await refundReasons(intentId), []);
});

t.test('a worker that dies before it has told the stores is finished by a sweeper', async (t) => {
  const buyer = bed.buyer();
  const seatIds = bed.freeSeats(2);
  const { body, message } = await paidOrder(buyer, seatIds);
  bed.seats.before = (call) => {
    if (call === 'markSold') throw new Error('the worker died here');
  };
  await orders.processor.process([body]);
  await orders.drain();
  bed.seats.before = () => undefined;
  t.equal(bed.seats.stateOf(bed.saleId, seatIds[0]!), 'committing');
  t.match(
    await buyer.status(message.idem),
    { order: { status: 'CONFIRMED' } },
    'the buyer knows all the same',
  );
  await until('a sweeper to tell the stores', async () => {
    await orders.sweeper.unprojected(10);
    return bed.seats.stateOf(bed.saleId, seatIds[0]!) === 'sold';
  });
  const { rows } = await pool.query('select due_at, projected_at from orders where intent_id = $1', [
    message.payload.intentId,
  ]);
  t.match(rows, [{ due_at: null, projected_at: Date }]);
  t.equal(await orders.sweeper.unprojected(10), 0, 'and only once');
});

t.test('a message nobody claimed over HTTP is claimed by the worker', async (t) => {
  const buyer = bed.buyer();
  const seatIds = bed.freeSeats(1);
  buyer.hold(seatIds);
  const { intentId, amountMinor } = await buyer.intent(seatIds);
  const paid = buyer.commitMessage(intentId, seatIds);
  t.same(await orders.processor.process([JSON.stringify(paid)]), [{ verdict: 'done' }]);
  t.match(await buyer.status(paid.idem), { order: { status: 'PROCESSING' } }, 'it waits for its capture');
  await buyer.capture(intentId, amountMinor);
  t.same(await orders.processor.process([JSON.stringify(paid)]), [{ verdict: 'done' }]);
  t.match(await buyer.status(paid.idem), { order: { status: 'CONFIRMED' } });

  const notHeld = bed.freeSeats(1);
  const unheld = buyer.commitMessage((await buyer.intent(notHeld)).intentId, notHeld);
  const unknown = buyer.commitMessage(`pi_${randomUUID()}`, seatIds);
  await orders.processor.process([JSON.stringify(unheld), JSON.stringify(unknown)]);
  t.match(await buyer.status(unheld.idem), { order: { status: 'REJECTED', reason: 'seat_not_held' } });
  t.match(await buyer.status(unknown.idem), { order: { status: 'REJECTED', reason: 'unknown_intent' } });

  const otherBody = { ...unknown, payload: { ...unknown.payload, seatIds: ['R9C9'] } };
  t.match(await orders.processor.process([JSON.stringify(otherBody)]), [
    { verdict: 'poison', reason: 'idempotency_key_reused' },
  ]);
});

t.test('with the seats’ store away only the orders that need it wait', async (t) => {
  const ready = await paidOrder(bed.buyer(), bed.freeSeats(1));
  await orders.drain();
  const buyer = bed.buyer();
  const seatIds = bed.freeSeats(1);
  buyer.hold(seatIds);
  const { intentId } = await buyer.intent(seatIds);
  const unclaimed = buyer.commitMessage(intentId, seatIds);
  bed.seats.before = () => {
    throw new Error('Redis is away');
  };
  const verdicts = await orders.processor.process([JSON.stringify(unclaimed), ready.body]);
  bed.seats.before = () => undefined;
  t.match(verdicts, [{ verdict: 'retry' }, { verdict: 'done' }]);
  t.match(await orders.processor.process([JSON.stringify(unclaimed)]), [{ verdict: 'done' }]);
  t.match(await buyer.status(unclaimed.idem), { order: { status: 'PROCESSING' } });
});

t.test('poison is told from the rest of its batch', async (t) => {
  const { body } = await paidOrder(bed.buyer(), bed.freeSeats(1));
  t.match(await orders.processor.process(['{', body, undefined]), [
    { verdict: 'poison', reason: 'not_json' },
    { verdict: 'done' },
    { verdict: 'poison' },
  ]);
});

t.test('the seats began to commit after the order was rejected: they are freed once more', async (t) => {
  const buyer = bed.buyer();
  const seatIds = bed.freeSeats(1);
  buyer.hold(seatIds);
  const { intentId } = await buyer.intent(seatIds);
  bed.seats.before = async (call) => {
    if (call !== 'beginCommit') return;
    bed.seats.before = () => undefined;
    // Meanwhile another process found the seats not held and rejected the order.
    await pool.query(
      "update orders set status = 'REJECTED', reason = 'hold_expired', due_at = null, projected_at = now() where intent_id = $1",
      [intentId],
    );
  };
  await buyer.commit(intentId, seatIds);
  await orders.drain();
  t.equal(bed.seats.stateOf(bed.saleId, seatIds[0]!), 'committing');
  await orders.sweeper.unprojected(10);
  t.equal(bed.seats.stateOf(bed.saleId, seatIds[0]!), 'free');
});
