import { createHash, randomUUID } from 'node:crypto';
import t from 'tap';
import type { Orders } from './create-orders.ts';
import { startTestBed, until, type TestBuyer } from './test-bed.ts';

const bed = await startTestBed(
  t,
  {
    holdWaitSeconds: 1,
    paymentWaitSeconds: 1,
    failedPaymentGraceSeconds: 0,
    resendAfterMs: 200,
    lostMessageAfterSeconds: 1,
    maxAttempts: 20,
  },
  { visibilityTimeoutSeconds: 1 },
);
const { pool, seats, saleId } = bed;

/** The same seed makes the same choices; what runs at the same time still differs from run to run. */
function randomOf(seed: string): () => number {
  let count = 0;
  return () => createHash('sha256').update(`${seed} ${count++}`).digest().readUInt32BE() / 2 ** 32;
}

async function sweepAll(orders: Orders) {
  await Promise.all([
    orders.sweeper.waiting(100),
    orders.sweeper.unsent(100),
    orders.sweeper.unpaid(100),
    orders.sweeper.unprojected(100),
    orders.refunds.sweep(100),
  ]);
}

t.setTimeout(240_000);
// The same each time, so that what fails is the change that was made; SEED=random looks for another.
const given = process.env['SEED'] ?? 'invariants';
const seed = given === 'random' ? randomUUID() : given;
t.comment(`SEED=${seed}`);

t.test('whatever happens in whatever order, every capture is a ticket or a refund', async (t) => {
  const random = randomOf(seed);
  const chance = (probability: number) => random() < probability;
  const processes = [bed.orders, bed.startProcess(), bed.startProcess()];
  const anyone = () => processes[Math.floor(random() * processes.length)]!;
  // Few seats, so that buyers meet.
  const pool60 = bed.freeSeats(60);
  const captured = new Map<string, number>();
  const keys: { buyer: TestBuyer; idem: string }[] = [];
  let storesFail = 0;
  seats.before = async () => {
    await new Promise(setImmediate);
    if (storesFail > 0 && Math.random() < 0.3) {
      storesFail--;
      throw new Error('the store is away');
    }
  };
  bed.provider.before = () => {
    if (Math.random() < 0.2) throw new Error('the provider is away');
  };

  const shop = async (buyer: TestBuyer, seatIds: string[], plan: ReturnType<typeof planOf>) => {
    if (plan.holds) seats.hold(saleId, buyer.userId, seatIds);
    const { intentId, amountMinor } = await buyer.intent(seatIds);
    const pay = async (paymentId: string, amount: number) => {
      if (!captured.has(paymentId)) captured.set(paymentId, amount);
      const event = { type: 'payment.captured', intentId, paymentId, amountMinor: amount } as const;
      await Promise.all(Array.from({ length: plan.repeats }, () => plan.at.paymentEvents.record(event)));
    };
    const payments = Array.from(
      { length: plan.captures },
      (_, index) => () => pay(`p${index}-${intentId}`, plan.wrongAmount ? amountMinor + 7 : amountMinor),
    );
    if (plan.fails) {
      const failed = { type: 'payment.failed', intentId, paymentId: `f-${intentId}`, amountMinor } as const;
      payments.push(() => plan.at.paymentEvents.record(failed));
    }
    const commits = Array.from({ length: plan.commits }, (_, index) => async () => {
      const message = buyer.commitMessage(intentId, seatIds);
      keys.push({ buyer, idem: message.idem });
      await (index ? plan.at : bed.orders).commits.accept(message);
    });
    const steps = plan.commitFirst ? [...commits, ...payments] : [...payments, ...commits];
    if (plan.atOnce) await Promise.all(steps.map((step) => step()));
    else for (const step of steps) await step();
  };
  /** Cancels a third of what is confirmed by now, in two processes at once, whole orders and single tickets. */
  const cancelSome = async () => {
    const { rows } = await pool.query<{ order_id: string; user_id: string; ticket_id: string }>(
      `select distinct on (o.order_id) o.order_id, o.user_id, t.ticket_id
       from orders o join tickets t using (order_id) where o.status = 'CONFIRMED' order by o.order_id`,
    );
    await Promise.all(
      rows
        .filter(() => chance(0.35))
        .flatMap(({ order_id: orderId, user_id: userId, ticket_id }) => {
          const request = { orderId, userId, ticketIds: chance(0.5) ? [ticket_id] : undefined };
          return [anyone().cancelOrder(request), anyone().cancelOrder(request)];
        }),
    );
  };
  const planOf = () => ({
    at: anyone(),
    holds: chance(0.85),
    captures: chance(0.85) ? (chance(0.15) ? 2 : 1) : 0,
    repeats: chance(0.2) ? 3 : 1,
    wrongAmount: chance(0.05),
    fails: chance(0.15),
    commits: chance(0.7) ? (chance(0.3) ? 2 : 1) : 0,
    commitFirst: chance(0.5),
    atOnce: chance(0.3),
  });

  let shopping = true;
  const background = processes.map(async (orders) => {
    while (shopping) {
      // A worker that gets a message and dies: what it received comes again only because it is sent again.
      if (Math.random() < 0.04) await bed.receive();
      else await bed.work(orders);
      await sweepAll(orders);
    }
  });
  for (let wave = 0; wave < 6; wave++) {
    storesFail = 20;
    // A Redis that failed over: some holds are forgotten, others can hold the seats.
    if (wave % 3 === 2) {
      for (const [key, seat] of seats.seats) if (seat.state === 'committing') seats.seats.delete(key);
    }
    await Promise.all(
      Array.from({ length: 12 }, () => {
        const from = Math.floor(random() * (pool60.length - 3));
        const seatIds = pool60.slice(from, from + 1 + Math.floor(random() * 3));
        return shop(bed.buyer(), seatIds, planOf());
      }),
    );
    await cancelSome();
  }
  storesFail = 0;
  bed.provider.before = () => undefined;

  await until(
    'everything to end',
    async () => {
      // Time passes faster here: what waits for a lease or a growing delay is due. Rows a worker has locked are left to the
      // next poll: waiting for several of them, in another order than the workers, has ended in a deadlock.
      await pool.query(
        `update refunds set due_at = now() where refund_id in (
           select refund_id from refunds where refunded_at is null for update skip locked)`,
      );
      await pool.query(
        `update orders set due_at = now() where order_id in (
           select order_id from orders where due_at is not null and status <> 'AWAITING_PAYMENT'
           for no key update skip locked)`,
      );
      const { rows } = await pool.query<{ open: number }>(
        `select (select count(*) from orders where due_at is not null) + (select count(*) from refunds where due_at is not null)
         as open`,
      );
      return rows[0]!.open === 0;
    },
    120_000,
    200,
  );
  shopping = false;
  await Promise.all(background);
  for (const orders of processes) await orders.drain();

  const { rows: ends } = await pool.query(
    'select coalesce(reason, lower(status)) as ended, count(*) from orders group by 1 order by 2 desc',
  );
  t.comment(ends.map((row) => `${row.ended} ${row.count}`).join(', '));

  const one = async <Row extends object>(sql: string) => (await pool.query<Row>(sql)).rows;
  const [money] = await one<{ captured: number; refunded: number; live: number }>(`
    select (select coalesce(sum(amount_minor), 0) from captures)::bigint as captured,
      (select coalesce(sum(amount_minor), 0) from refunds where refunded_at is not null)::bigint as refunded,
      (select coalesce(sum(price_minor), 0) from tickets where status = 'VALID')::bigint as live`);
  t.equal(
    money!.captured,
    [...captured.values()].reduce((sum, amount) => sum + amount, 0),
    'no capture was lost',
  );
  t.equal(money!.captured - money!.refunded, money!.live, 'captured − refunded = price of live tickets');
  t.ok(money!.live > 0 && money!.refunded > 0, `${money!.live} of tickets, ${money!.refunded} refunded`);
  const atProvider = [...bed.provider.refunds.values()].reduce((sum, refund) => sum + refund.amountMinor, 0);
  t.equal(atProvider, money!.refunded, 'the provider gave back exactly that');
  t.same(
    await one(`select c.payment_id from captures c
      left join lateral (select coalesce(sum(r.amount_minor), 0) as back from refunds r where r.payment_id = c.payment_id) r on true
      left join lateral (select coalesce(sum(t.price_minor), 0) as bought from orders o join tickets t using (order_id)
        where o.intent_id = c.intent_id and c.pays and t.status = 'VALID') t on true
      where r.back + t.bought <> c.amount_minor`),
    [],
    'each capture by itself is tickets or refunds, never both, never neither',
  );
  t.same(
    await one(
      "select sale_id, seat_id from tickets where status = 'VALID' group by 1, 2 having count(*) > 1",
    ),
    [],
    'no seat is sold twice',
  );
  t.same(
    await one(`select o.order_id from orders o where o.status in ('CONFIRMED', 'CANCELLED')
      and cardinality(o.seat_ids) <> (select count(*) from tickets t where t.order_id = o.order_id)`),
    [],
    'all seats of an order or none',
  );
  t.same(
    await one(`select order_id from orders where status not in ('CONFIRMED', 'REJECTED', 'CANCELLED')`),
    [],
    'every order has ended',
  );
  const sold = new Set(
    (await one<{ seat_id: string }>("select seat_id from tickets where status = 'VALID'")).map(
      (row) => row.seat_id,
    ),
  );
  for (const seatId of pool60) {
    const state = seats.stateOf(saleId, seatId);
    // Held by one who came after the failover: stricter than PostgreSQL it may be, never looser.
    const agrees = sold.has(seatId)
      ? state === 'sold' || state === 'held'
      : state === 'free' || state === 'held';
    if (!agrees) {
      t.fail(`${seatId} is ${state}, ${sold.has(seatId) ? '' : 'not '}sold in PostgreSQL`);
    }
  }
  for (const { buyer, idem } of keys) {
    const { order } = await buyer.status(idem);
    if (!order || order.status === 'PROCESSING') t.fail(`${idem} did not end`);
  }
  t.equal(
    new Set(seats.returned.map(({ orderId, seatId }) => `${orderId} ${seatId}`)).size,
    seats.returned.length,
    'each seat came back once',
  );
});
