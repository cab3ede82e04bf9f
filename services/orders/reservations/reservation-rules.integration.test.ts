import t from 'tap';
import { generalAdmission, type TestProcess } from './test-bed.ts';
import { count, idOf, startReservationBed } from './test-reservations.ts';

const { processes, first, clock, createEvent, publish, sold, stockLock } = await startReservationBed(t);

t.test('a published event keeps its limit per buyer, also against a burst', async (t) => {
  const number = await publish(generalAdmission('ga-limit', { perBuyer: 4 }));
  const burst = await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      processes[i % 4]!.reservations.reserve({ eventKey: 'ga-limit', userId: `buyer-${i % 3}`, quantity: 1 }),
    ),
  );
  t.equal(count(burst, 'reserved'), 12, 'three buyers, four each');
  t.equal(count(burst, 'limit-reached'), 48);
  t.same(await sold(number), { stock: 12, confirmed: 12 });
  const ask = (quantity: number) =>
    first.reservations.reserve({ eventKey: number, userId: 'dora', quantity });
  t.match(await ask(5), { outcome: 'limit-reached' });
  const three = await ask(3);
  t.match(three, { outcome: 'reserved' });
  t.match(await ask(2), { outcome: 'limit-reached' });
  t.match(await ask(1), { outcome: 'reserved' });
  await first.reservations.cancel(idOf(three), 'dora');
  t.match(await ask(3), { outcome: 'reserved' }, 'what is given back counts no more');

  await publish(generalAdmission('ga-limit', { perBuyer: 6 }));
  t.match(await ask(2), { outcome: 'reserved' }, 'a changed limit counts at once');
});

t.test('a published event sells in its window; a key is answered the same when it is over', async (t) => {
  const [opensAtMs, closesAtMs] = [Date.now() + 60_000, Date.now() + 120_000];
  await publish(
    generalAdmission('ga-window', {
      startsAt: '2035-01-01T10:00:00Z',
      sale: { opensAt: new Date(opensAtMs).toISOString(), closesAt: new Date(closesAtMs).toISOString() },
    }),
  );
  t.teardown(() => {
    clock.shiftMs = 0;
  });
  const request = { eventKey: 'ga-window', userId: 'alice', quantity: 1, idempotencyKey: 'window-alice-1' };
  t.match(await first.reservations.reserve(request), { outcome: 'sale-not-open', reason: /opens at/ });
  clock.shiftMs = 61_000;
  const reserved = await first.reservations.reserve(request);
  t.match(reserved, { outcome: 'reserved' });
  clock.shiftMs = 121_000;
  t.match(await first.reservations.reserve({ ...request, idempotencyKey: 'window-alice-2' }), {
    outcome: 'sale-not-open',
    reason: 'The sale is over',
  });
  t.match(await first.reservations.reserve(request), {
    outcome: 'replayed',
    reservation: { id: idOf(reserved) },
  });
  t.match(await first.reservations.reserve({ ...request, quantity: 2 }), { outcome: 'key-reused' });
});

t.test('who still waits when the sale closes gets nothing', async (t) => {
  const closesAtMs = Date.now() + 60_000;
  const number = await publish(
    generalAdmission('ga-closing', {
      startsAt: '2035-01-01T10:00:00Z',
      sale: {
        opensAt: new Date(Date.now() - 1000).toISOString(),
        closesAt: new Date(closesAtMs).toISOString(),
      },
    }),
  );
  t.teardown(() => {
    clock.shiftMs = 0;
  });
  await first.reservations.reserve({ eventKey: number, userId: 'early', quantity: 1 });
  const other = await stockLock('ga-closing.0');
  const ahead = first.reservations.reserve({ eventKey: number, userId: 'ahead', quantity: 1 });
  await other.waiters(1);
  const behind = first.reservations.reserve({ eventKey: number, userId: 'behind', quantity: 1 });
  await new Promise(setImmediate);
  clock.shiftMs = 61_000;
  await other.release();
  t.match(await ahead, { outcome: 'reserved' });
  t.match(await behind, { outcome: 'sale-not-open' });
});

t.test('a limit that changes while requests wait counts for those that come after', async (t) => {
  const number = await publish(generalAdmission('ga-raised', { perBuyer: 1 }));
  await first.reservations.reserve({ eventKey: number, userId: 'early', quantity: 1 });
  const other = await stockLock('ga-raised.0');
  const ahead = first.reservations.reserve({ eventKey: number, userId: 'ahead', quantity: 1 });
  await other.waiters(1);
  await publish(generalAdmission('ga-raised', { perBuyer: 4 }));
  const behind = first.reservations.reserve({ eventKey: number, userId: 'behind', quantity: 4 });
  await new Promise(setImmediate);
  await other.release();
  t.match(await ahead, { outcome: 'reserved' });
  t.match(await behind, { outcome: 'reserved' });
});

t.test('each practice round sells its own stock', async (t) => {
  const number = await publish(
    generalAdmission('ga-practice', { capacity: 3, sale: { windows: { every: '1h', openFor: '59m' } } }),
  );
  t.teardown(() => {
    clock.shiftMs = 0;
  });
  const hourMs = 3_600_000;
  const free = async () => (await first.listing.get('ga-practice'))?.availableSeats;
  for (const round of [1, 2]) {
    clock.shiftMs = (Math.floor(Date.now() / hourMs) + round) * hourMs - Date.now();
    t.equal(await free(), 3, `round ${round}`);
    const ask = (quantity: number) =>
      first.reservations.reserve({ eventKey: number, userId: `buyer-${round}`, quantity });
    t.match(await ask(2), { outcome: 'reserved' });
    t.match(await ask(2), { outcome: 'sold-out' });
    t.equal(await free(), 1);
  }
});

t.test('what cannot be had is said: no such event, numbered seats, begun, paused', async (t) => {
  const ask = (eventKey: number | string, process: TestProcess = first) =>
    process.reservations.reserve({ eventKey, userId: 'alice', quantity: 1 });
  t.same(await ask(999_999), { outcome: 'unknown-event' });
  t.same(await ask('no-such-event'), { outcome: 'unknown-event' });
  t.same(await ask('api-999999'), { outcome: 'unknown-event' });
  await publish(
    generalAdmission('ga-seated', {
      venue: { sections: [{ id: 'A', rows: 1, seatsPerRow: 1, price: 1 }] },
      generalAdmission: undefined,
    }),
  );
  t.same(await ask('ga-seated'), { outcome: 'seated' });
  t.match(await ask(await createEvent(10, '2024-12-31T19:00:00')), { outcome: 'sale-not-open' });
  await publish(generalAdmission('ga-paused', { suspend: true }));
  t.match(await ask('ga-paused'), { outcome: 'sale-not-open', reason: /paused/ });
});

t.test('an event is found by number, by its digits and by name, and as soon as it exists', async (t) => {
  const id = await createEvent(10);
  t.same(await first.reservations.reserve({ eventKey: id + 1, userId: 'alice', quantity: 1 }), {
    outcome: 'unknown-event',
  });
  for (const eventKey of [id, String(id), `api-${id}`]) {
    t.match(await first.reservations.reserve({ eventKey, userId: 'alice', quantity: 1 }), {
      outcome: 'reserved',
      reservation: { eventNumber: id },
    });
  }
  t.equal(await createEvent(10), id + 1);
  t.match(await first.reservations.reserve({ eventKey: id + 1, userId: 'alice', quantity: 1 }), {
    outcome: 'reserved',
  });
});

t.test("a buyer's own reservations, newest first", async (t) => {
  const eventKey = await createEvent(10);
  for (const quantity of [1, 2, 3]) {
    await first.reservations.reserve({ eventKey, userId: 'lister', quantity });
  }
  const own = await first.reservations.listOf('lister');
  t.same(
    own.map(({ quantity, eventNumber, userId, status }) => [quantity, eventNumber, userId, status]),
    [3, 2, 1].map((quantity) => [quantity, eventKey, 'lister', 'CONFIRMED']),
  );
  t.same(await first.reservations.listOf('nobody'), []);
});

t.test('cancelling: own only, known only, before the event only', async (t) => {
  const eventKey = await createEvent(10);
  const reserved = await first.reservations.reserve({ eventKey, userId: 'alice', quantity: 1 });
  t.same(await first.reservations.cancel(idOf(reserved), 'bob'), { outcome: 'not-own' });
  t.same(await first.reservations.cancel(999_999_999, 'alice'), { outcome: 'unknown' });
  clock.shiftMs = Date.parse('2035-01-01T10:00:00Z') - Date.now();
  t.teardown(() => {
    clock.shiftMs = 0;
  });
  t.same(await first.reservations.cancel(idOf(reserved), 'alice'), { outcome: 'event-begun' });
  t.same(await sold(eventKey), { stock: 1, confirmed: 1 });
});
