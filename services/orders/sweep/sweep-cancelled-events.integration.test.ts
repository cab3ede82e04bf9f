import type { Pool } from 'pg';
import t from 'tap';
import { storeCancellation } from '../catalogue/store-cancellation.ts';
import { startTestBed, until } from '../test-bed.ts';

t.setTimeout(120_000);

const bed = await startTestBed(t);
const { pool, orders } = bed;

/** The event takes place, whatever a test before did. */
async function publish(): Promise<void> {
  await pool.query(
    `insert into events (event_id, title, home_region, time_zone, ticket_event) values ($1, 'Test', 'local', 'UTC', '{}')
     on conflict (event_id) do update set cancelled_at = null`,
    [bed.eventId],
  );
}

const cancelEvent = () => storeCancellation(pool, bed.eventId, 'flood');

/** A buyer who has paid and committed; the worker has not seen it. */
async function committed(seatCount = 1) {
  const buyer = bed.buyer();
  const seatIds = bed.freeSeats(seatCount);
  buyer.hold(seatIds);
  const { intentId, amountMinor } = await buyer.intent(seatIds);
  await buyer.capture(intentId, amountMinor);
  const message = buyer.commitMessage(intentId, seatIds);
  await orders.commits.accept(message);
  await orders.drain();
  return { buyer, seatIds, intentId, message, body: JSON.stringify(message) };
}

/** What nobody may find after a cancellation: a live ticket, an order under way, money kept. */
async function leftovers() {
  const { rows } = await pool.query(
    `select
       (select count(*) from tickets where status = 'VALID') as live,
       (select count(*) from orders where status not in ('REJECTED', 'CANCELLED')) as open,
       (select count(*) from refunds where refunded_at is null) as due,
       (select count(*) from captures c where c.amount_minor <> (
         select coalesce(sum(amount_minor), 0) from refunds r where r.payment_id = c.payment_id)) as uneven`,
  );
  return rows[0] as { live: number; open: number; due: number; uneven: number };
}
const nothing = { live: 0, open: 0, due: 0, uneven: 0 };

/** Sweeps as a worker does, until nothing is left. */
async function sweepOut(worker = orders) {
  await until('nothing to be left', async () => {
    await worker.sweepCancelledEvents(100);
    await worker.refunds.sweep(100);
    const { live, open, due } = await leftovers();
    return live + open + due === 0;
  });
  await worker.drain();
}

async function orderOf({ intentId }: { intentId: string }) {
  const { rows } = await pool.query<{ status: string; reason: string | null }>(
    'select order_id, user_id, status, reason from orders where intent_id = $1',
    [intentId],
  );
  return rows[0]!;
}

t.test('wherever orders are, they end and their money goes back once', async (t) => {
  await publish();
  const confirmed = await committed(3);
  await orders.processor.process([confirmed.body]);
  const partly = await committed(2);
  await orders.processor.process([partly.body]);
  await orders.drain();
  const { order } = await partly.buyer.status(partly.message.idem);
  const ticketIds = [order!.tickets[0]!.ticketId];
  await orders.cancelOrder({ orderId: order!.orderId, userId: partly.buyer.userId, ticketIds });
  const processing = await committed();
  const unpaid = bed.buyer();
  const unpaidSeats = bed.freeSeats(1);
  unpaid.hold(unpaidSeats);
  const unpaidIntent = await unpaid.intent(unpaidSeats);
  const unpaidMessage = unpaid.commitMessage(unpaidIntent.intentId, unpaidSeats);
  await orders.commits.accept(unpaidMessage);
  await orders.processor.process([JSON.stringify(unpaidMessage)]);
  const unheld = bed.buyer();
  const unheldIntent = await unheld.intent(bed.freeSeats(1));
  await unheld.capture(unheldIntent.intentId, unheldIntent.amountMinor);

  t.equal(await orders.sweepCancelledEvents(100), 0, 'nothing is touched while the event takes place');
  t.equal(await cancelEvent(), 'cancelled');
  t.equal(await cancelEvent(), 'already-cancelled');
  t.equal(await storeCancellation(pool, 'event-nobody-knows', 'flood'), 'unknown-event');
  await sweepOut();

  t.match(await orderOf(confirmed), { status: 'CANCELLED' });
  t.match(await orderOf(partly), { status: 'CANCELLED' });
  for (const one of [processing, unpaidIntent, unheldIntent]) {
    t.match(await orderOf(one), { status: 'REJECTED', reason: 'event_cancelled' });
  }

  // What was on its way arrives only now.
  await orders.processor.process([processing.body, confirmed.body]);
  await unpaid.capture(unpaidIntent.intentId, unpaidIntent.amountMinor);
  const late = bed.buyer();
  const lateSeats = bed.freeSeats(1);
  late.hold(lateSeats);
  const lateIntent = await late.intent(lateSeats);
  await late.commit(lateIntent.intentId, lateSeats);
  t.match(await orderOf(lateIntent), { status: 'REJECTED', reason: 'event_cancelled' });
  await late.capture(lateIntent.intentId, lateIntent.amountMinor);
  const later = bed.buyer();
  const laterIntent = await later.intent(bed.freeSeats(1));
  await later.capture(laterIntent.intentId, laterIntent.amountMinor);
  t.match(await orderOf(laterIntent), { status: 'REJECTED', reason: 'event_cancelled' });
  await sweepOut();

  t.same(await leftovers(), nothing);
  const atProvider = [...bed.provider.refunds.values()].reduce((sum, refund) => sum + refund.amountMinor, 0);
  t.equal(atProvider, 10_000, 'and the provider has taken each once');
});

t.test('orders settled at the moment of the cancellation do not stay confirmed', async (t) => {
  await publish();
  const other = bed.startProcess();
  const buyers = await Promise.all(Array.from({ length: 30 }, () => committed(2)));
  const settling = buyers.map(async ({ body }, index) => {
    await (index % 2 ? orders : other).processor.process([body]);
    if (index === 10) await cancelEvent();
  });
  const sweeping = [orders, other].map(async (worker) => {
    for (let pass = 0; pass < 10; pass++) await worker.sweepCancelledEvents(3);
  });
  await Promise.all([...settling, ...sweeping]);
  await sweepOut();
  t.same(await leftovers(), nothing);
  for (const one of buyers) t.not((await orderOf(one)).status, 'CONFIRMED');
});

t.test('an order confirmed after the cancellation, by a version that knows none, is cancelled', async (t) => {
  await publish();
  const one = await committed();
  await cancelEvent();
  await publish();
  await orders.processor.process([one.body]);
  await cancelEvent();
  t.match(await orderOf(one), { status: 'CONFIRMED' });
  await sweepOut();
  t.match(await orderOf(one), { status: 'CANCELLED' });
  t.same(await leftovers(), nothing);
});

t.test('a worker that dies midway does nothing by halves, and the next one goes on', async (t) => {
  await publish();
  const buyers = await Promise.all(Array.from({ length: 6 }, () => committed()));
  await orders.processor.process(buyers.map(({ body }) => body));
  await orders.drain();
  await cancelEvent();
  t.equal(await orders.sweepCancelledEvents(2), 2);
  const dying = bed.startProcess({ pool: dyingBeforeCommit(pool) });
  await t.rejects(dying.sweepCancelledEvents(100), { message: 'killed' });
  t.equal((await leftovers()).live, 4, 'nothing of what it had begun');
  await sweepOut(bed.startProcess());
  t.same(await leftovers(), nothing);
});

/** A process's connections, lost after tickets were cancelled and before that was committed. */
function dyingBeforeCommit(pool: Pool): Pool {
  const connect = async () => {
    const client = await pool.connect();
    const query = client.query.bind(client) as (config: { name?: string }) => Promise<unknown>;
    return Object.assign(Object.create(client) as typeof client, {
      query: async (config: { name?: string }) => {
        const result = await query(config);
        if (config.name === 'cancel-orders') throw new Error('killed');
        return result;
      },
      release: (broken?: boolean) => client.release(broken),
    });
  };
  return Object.assign(Object.create(pool) as Pool, { connect });
}

t.test('reservations of a cancelled event are given back, others stay', async (t) => {
  const eventIds = ['standing', 'standing-2'] as const;
  for (const eventId of eventIds) {
    const { rows } = await pool.query<{ number: number }>(
      `insert into events (event_id, title, home_region, time_zone, ticket_event, capacity)
       values ($1, 'Test', 'local', 'UTC', '{}', 10) returning number`,
      [eventId],
    );
    await pool.query(`select take_stock($1, $2, 10, null, $3, array['x', 'y'], array[2, 3])`, [
      `${eventId}.0`,
      rows[0]!.number,
      [`${eventId} key 1`, `${eventId} key 2`],
    ]);
  }
  await storeCancellation(pool, 'standing', 'flood');
  t.equal(await orders.sweepCancelledEvents(100), 2);
  t.equal(await orders.sweepCancelledEvents(100), 0);
  const { rows } = await pool.query<{ sale_id: string; sold: number }>('select sale_id, sold from stock');
  t.same(Object.fromEntries(rows.map(({ sale_id, sold }) => [sale_id, sold])), {
    'standing.0': 0,
    'standing-2.0': 5,
  });
});
