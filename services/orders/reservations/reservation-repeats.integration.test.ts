import t from 'tap';
import { count, idOf, startReservationBed } from './test-reservations.ts';

const { processes, first, startProcess, createEvent, sold, stockLock } = await startReservationBed(t);

t.test('a key gives the same reservation, whoever of the processes is asked and how often', async (t) => {
  const eventKey = await createEvent(10);
  const request = { eventKey, userId: 'alice', quantity: 2, idempotencyKey: `same-${eventKey}` };
  const outcomes = await Promise.all(
    Array.from({ length: 40 }, (_, i) => processes[i % 4]!.reservations.reserve(request)),
  );
  t.equal(count(outcomes, 'reserved'), 1);
  t.equal(count(outcomes, 'replayed'), 39);
  t.equal(new Set(outcomes.map(idOf)).size, 1);
  t.same(await sold(eventKey), { stock: 2, confirmed: 2 });

  t.same(await first.reservations.reserve({ ...request, quantity: 3 }), { outcome: 'key-reused' });
  t.same(await first.reservations.reserve({ ...request, userId: 'bob' }), { outcome: 'key-reused' });
  const elsewhere = await createEvent(10);
  t.same(await first.reservations.reserve({ ...request, eventKey: elsewhere }), { outcome: 'key-reused' });
  t.same(await sold(elsewhere), { stock: 0, confirmed: 0 });

  await first.reservations.cancel(idOf(outcomes[0]!), 'alice');
  t.match(await first.reservations.reserve(request), {
    outcome: 'replayed',
    reservation: { id: idOf(outcomes[0]!), status: 'CANCELLED' },
  });
});

t.test('one key for two events at once: one of them gets tickets', async (t) => {
  for (let round = 0; round < 10; round++) {
    const [a, b] = [await createEvent(10), await createEvent(10)];
    const idempotencyKey = `either-${a}`;
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        processes[i % 4]!.reservations.reserve({
          eventKey: i % 2 === 0 ? a : b,
          userId: 'alice',
          quantity: 1,
          idempotencyKey,
        }),
      ),
    );
    t.equal(count(outcomes, 'reserved'), 1);
    t.equal(count(outcomes, 'replayed'), 9);
    t.equal(count(outcomes, 'key-reused'), 10);
    t.equal((await sold(a)).stock + (await sold(b)).stock, 1);
    t.equal((await sold(a)).confirmed + (await sold(b)).confirmed, 1);
  }
});

t.test('a connection that dies while a batch is decided costs nobody anything', async (t) => {
  const eventKey = await createEvent(100);
  await first.reservations.reserve({ eventKey, userId: 'early', quantity: 1 });
  const other = await stockLock(`api-${eventKey}.0`);
  const waiting = Array.from({ length: 30 }, (_, i) =>
    first.reservations.reserve({ eventKey, userId: `buyer-${i}`, quantity: 1 }),
  );
  const [backend] = await other.waiters(1);
  await first.pool.query('select pg_terminate_backend($1)', [backend]);
  const [next] = await other.waiters(1, backend);
  t.ok(next, 'given once more, on another connection');
  await other.release();
  const outcomes = await Promise.all(waiting);
  t.equal(count(outcomes, 'reserved'), 30);
  t.same(await sold(eventKey), { stock: 31, confirmed: 31 });
});

t.test('a decision whose answer is lost is found again, not made twice', async (t) => {
  const process = await startProcess();
  const eventKey = await createEvent(100);
  const query = process.pool.query.bind(process.pool) as (...args: unknown[]) => Promise<unknown>;
  let lost = 0;
  process.pool.query = (async (...args: unknown[]) => {
    const result = await query(...args);
    if ((args[0] as { name?: string }).name === 'take-stock' && lost++ === 0) {
      throw new Error('Connection terminated unexpectedly');
    }
    return result;
  }) as typeof process.pool.query;
  const outcomes = await Promise.all(
    Array.from({ length: 5 }, (_, i) =>
      process.reservations.reserve({ eventKey, userId: `buyer-${i}`, quantity: 2 }),
    ),
  );
  t.equal(lost, 2);
  t.equal(count(outcomes, 'reserved'), 5);
  t.same(await sold(eventKey), { stock: 10, confirmed: 10 });
});
