import { randomUUID } from 'node:crypto';
import t from 'tap';
import { startTestBed, until } from '../test-bed.ts';

const bed = await startTestBed(t);
const { eventId } = bed;
const seatIds = ['R1C1', 'R2C100'];

const requestOf = (fields: object = {}) => ({
  idempotencyKey: `key-${randomUUID()}`,
  userId: 'alice',
  eventId,
  seatIds,
  ...fields,
});

t.test('an intent is priced from the catalogue, and the provider hears of it', async (t) => {
  const created = await bed.orders.intents.create(requestOf());
  t.match(created, { outcome: 'created', intent: { intentId: /^pi_/, amountMinor: 2000, currency: 'KRW' } });
  if (created.outcome !== 'created') return;
  const { intentId } = created.intent;
  await until('the payment to be opened', async () => bed.provider.opened.includes(intentId));
  await until('the outbox to be empty', async () => {
    const { rowCount } = await bed.pool.query('select from payments_to_open where intent_id = $1', [
      intentId,
    ]);
    return rowCount === 0;
  });
  const { rows } = await bed.pool.query('select * from payment_intents where intent_id = $1', [intentId]);
  const read = await bed.orders.readIntent(intentId);
  t.match(read, {
    intentId,
    eventId,
    seatIds,
    amount: 2000,
    payment: { status: 'PENDING', paymentId: null },
  });
  t.equal(await bed.orders.readIntent('pi_nobody'), undefined);
  t.match(rows[0], { sale_id: `${eventId}.0`, seat_ids: seatIds, seat_prices_minor: [1000, 1000] });
});

t.test('an intent shows how its payment stands', async (t) => {
  const buyer = bed.buyer();
  const { intentId, amountMinor } = await buyer.intent(bed.freeSeats(1));
  const paymentId = `f-${intentId}`;
  await bed.orders.paymentEvents.record({ type: 'payment.failed', intentId, paymentId, amountMinor });
  t.match(await bed.orders.readIntent(intentId), { payment: { status: 'FAILED', paymentId } });
  await buyer.capture(intentId, amountMinor, `p-${intentId}`);
  t.match(await bed.orders.readIntent(intentId), {
    payment: { status: 'CAPTURED', paymentId: `p-${intentId}`, amount: amountMinor, refunded: 0 },
  });
});

t.test('fifty of one key at once make one intent', async (t) => {
  const request = requestOf();
  const other = bed.startProcess();
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, (_, index) => (index % 2 ? bed.orders : other).intents.create(request)),
  );
  const ids = new Set(outcomes.map((one) => ('intent' in one ? one.intent.intentId : one.outcome)));
  t.equal(ids.size, 1);
  t.equal(outcomes.filter((one) => one.outcome === 'created').length, 1);
  t.equal(outcomes.filter((one) => one.outcome === 'replayed').length, 49);
});

t.test('a key belongs to its buyer and body', async (t) => {
  const request = requestOf();
  await bed.orders.intents.create(request);
  for (const other of [{ userId: 'bob' }, { seatIds: ['R1C1'] }, { seatIds: ['R1C1', 'R1C3'] }]) {
    t.match(await bed.orders.intents.create({ ...request, ...other }), { outcome: 'key-reused' });
  }
  t.match(await bed.orders.intents.create(request), { outcome: 'replayed' });
});

t.test('only seats that exist have a price', async (t) => {
  t.match(await bed.orders.intents.create(requestOf({ eventId: 'nowhere' })), { outcome: 'unknown-event' });
  t.match(await bed.orders.intents.create(requestOf({ seatIds: ['R1C1', 'R501C1'] })), {
    outcome: 'no-such-seat',
    seatId: 'R501C1',
  });
});

t.test('what the provider could not take is opened by the sweeper, and not for ever', async (t) => {
  bed.provider.before = () => {
    throw new Error('the provider is away');
  };
  const created = await bed.orders.intents.create(requestOf());
  const forgotten = await bed.orders.intents.create(requestOf());
  if (created.outcome !== 'created' || forgotten.outcome !== 'created') return t.fail('not created');
  await bed.orders.drain();
  bed.provider.before = () => undefined;
  t.equal(await bed.orders.opener.sweep(10), 0, 'not at once: the first attempt may be under way');
  await bed.pool.query("update payments_to_open set due_at = now() - interval '1 second'");
  await bed.pool.query(
    "update payment_intents set created_at = now() - interval '2 hours' where intent_id = $1",
    [forgotten.intent.intentId],
  );
  const [first, second] = await Promise.all([
    bed.orders.opener.sweep(10),
    bed.startProcess().opener.sweep(10),
  ]);
  t.equal(first + second, 1, 'two sweepers share the work');
  t.equal(bed.provider.opened.filter((id) => id === created.intent.intentId).length, 1);
  t.notOk(bed.provider.opened.includes(forgotten.intent.intentId), 'nobody waits for it any more');
  const { rowCount } = await bed.pool.query('select from payments_to_open');
  t.equal(rowCount, 0);
});
