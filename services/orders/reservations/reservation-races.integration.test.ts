import t from 'tap';
import { count, idOf, startReservationBed } from './test-reservations.ts';

const { processes, first, createEvent, sold } = await startReservationBed(t);

/** Starts all without waiting for any, a few per turn of the event loop: so the processes make many batches that meet. */
async function inWaves<T>(
  total: number,
  perTurn: number,
  start: (index: number) => Promise<T>,
): Promise<T[]> {
  const started: Promise<T>[] = [];
  for (let index = 0; index < total; index++) {
    if (index % perTurn === 0) await new Promise(setImmediate);
    started.push(start(index));
  }
  return await Promise.all(started);
}

/** Small, and the same sequence for the same seed. */
function randomSequence(seed: number) {
  let state = seed;
  return (limit: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

t.test('a thousand at once for a hundred tickets, over four processes: exactly a hundred', async (t) => {
  const eventKey = await createEvent(100);
  const startedAt = performance.now();
  const outcomes = await inWaves(1000, 50, (i) =>
    processes[i % 4]!.reservations.reserve({ eventKey, userId: `buyer-${i}`, quantity: 1 }),
  );
  const elapsedMs = performance.now() - startedAt;
  t.comment(`1,000 decided in ${elapsedMs.toFixed(0)} ms`);
  t.equal(count(outcomes, 'reserved'), 100);
  t.equal(count(outcomes, 'sold-out'), 900);
  t.same(await sold(eventKey), { stock: 100, confirmed: 100 });
  t.equal(new Set(outcomes.map(idOf)).size, 101, 'each its own reservation');
  t.ok(elapsedMs < 20_000, 'nobody waits for a lock behind everybody else');
});

t.test('in one process the first to arrive are the ones that get tickets', async (t) => {
  const eventKey = await createEvent(10);
  const outcomes = await Promise.all(
    Array.from({ length: 40 }, (_, i) =>
      first.reservations.reserve({ eventKey, userId: `buyer-${i}`, quantity: 1 }),
    ),
  );
  t.same(
    outcomes.map(({ outcome }) => outcome),
    Array.from({ length: 40 }, (_, i) => (i < 10 ? 'reserved' : 'sold-out')),
  );
});

t.test('one that is too large gets nothing and does not stand in the way of a smaller one', async (t) => {
  const eventKey = await createEvent(10);
  const ask = (quantity: number) => first.reservations.reserve({ eventKey, userId: 'alice', quantity });
  const outcomes = await Promise.all([ask(6), ask(5), ask(3), ask(2), ask(1)]);
  t.same(
    outcomes.map(({ outcome }) => outcome),
    ['reserved', 'sold-out', 'reserved', 'sold-out', 'reserved'],
  );
  t.same(await sold(eventKey), { stock: 10, confirmed: 10 });
});

t.test('mixed quantities never oversell, and nobody is refused what is left', async (t) => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = randomSequence(seed);
    const capacity = 50 + random(200);
    const eventKey = await createEvent(capacity);
    const quantities = Array.from({ length: 150 }, () => 1 + random(9));
    const outcomes = await inWaves(quantities.length, 10, (i) =>
      processes[random(4)]!.reservations.reserve({
        eventKey,
        userId: `buyer-${i}`,
        quantity: quantities[i]!,
      }),
    );
    const { stock, confirmed } = await sold(eventKey);
    const given = quantities.filter((_, i) => outcomes[i]!.outcome === 'reserved');
    const refused = quantities.filter((_, i) => outcomes[i]!.outcome === 'sold-out');
    t.equal(given.length + refused.length, quantities.length);
    t.equal(
      given.reduce((sum, quantity) => sum + quantity, 0),
      stock,
      `seed ${seed}: what was answered was sold`,
    );
    t.equal(stock, confirmed);
    t.ok(stock <= capacity, `seed ${seed}: ${stock} of ${capacity}`);
    t.ok(
      refused.every((quantity) => quantity > capacity - stock),
      `seed ${seed}: ${capacity - stock} left, refused at least ${Math.min(...refused)}`,
    );
  }
});

t.test(
  'taking and giving back at once: the stock is what the reservations say, at the end and never beyond',
  async (t) => {
    for (let seed = 1; seed <= 5; seed++) {
      const random = randomSequence(seed);
      const capacity = 40;
      const eventKey = await createEvent(capacity);
      await Promise.all(
        Array.from({ length: 120 }, async (_, i) => {
          const process = () => processes[random(4)]!.reservations;
          const userId = `buyer-${i}`;
          const outcome = await process().reserve({ eventKey, userId, quantity: 1 + random(4) });
          if (outcome.outcome !== 'reserved' || random(2) === 0) return;
          await Promise.all([
            process().cancel(outcome.reservation.id, userId),
            process().cancel(outcome.reservation.id, userId),
          ]);
        }),
      );
      const { stock, confirmed } = await sold(eventKey);
      t.equal(stock, confirmed, `seed ${seed}`);
      t.ok(stock <= capacity);
      const rest = await Promise.all(
        Array.from({ length: capacity }, (_, i) =>
          processes[i % 4]!.reservations.reserve({ eventKey, userId: `late-${i}`, quantity: 1 }),
        ),
      );
      t.equal(count(rest, 'reserved'), capacity - stock, 'all that was given back can be had again');
    }
  },
);

t.test('ten cancellations at once give the stock back once', async (t) => {
  const eventKey = await createEvent(10);
  const reserved = await first.reservations.reserve({ eventKey, userId: 'alice', quantity: 4 });
  await first.reservations.reserve({ eventKey, userId: 'bob', quantity: 3 });
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, i) => processes[i % 4]!.reservations.cancel(idOf(reserved), 'alice')),
  );
  for (const answer of answers) t.same(answer, answers[0]);
  t.match(answers[0], { outcome: 'cancelled', reservation: { status: 'CANCELLED', quantity: 4 } });
  t.same(await sold(eventKey), { stock: 3, confirmed: 3 });
  t.same(await first.reservations.cancel(idOf(reserved), 'alice'), answers[0], 'and later the same answer');
});

t.test('PostgreSQL itself keeps the stock between none and all of it', async (t) => {
  const eventKey = await createEvent(1);
  await first.reservations.reserve({ eventKey, userId: 'alice', quantity: 1 });
  for (const sold of [2, -1]) {
    const update = first.pool.query('update stock set sold = $2 where event_number = $1', [eventKey, sold]);
    await t.rejects(update, /stock_within_capacity/);
  }
});
