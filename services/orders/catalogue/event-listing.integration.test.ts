import { privatePostgres, privateRedis } from '@onsale/local/test-engines';
import { asUnavailable } from '@onsale/platform/engine-errors';
import { redisReady } from '@onsale/platform/redis';
import type { Registry } from 'prom-client';
import t from 'tap';
import { until } from '../test-bed.ts';
import { parseEventDate } from './event-date.ts';
import { generalAdmission, startTestBed, type TestProcess } from '../reservations/test-bed.ts';

const bed = await startTestBed(t);

const fair = (changes: object = {}) => ({
  eventName: 'Fair',
  totalSeats: 100,
  eventDate: '2030-12-31T19:00:00',
  timeZone: 'Asia/Seoul',
  priceMinor: 1000,
  ...changes,
});

async function createFair({ listing }: TestProcess, changes: object = {}) {
  const created = await listing.create(fair(changes));
  if (created.outcome !== 'created') throw new Error(created.problem);
  return created.event;
}

async function lookUps(...registries: Registry[]) {
  const total = { hit: 0, miss: 0, shared: 0, away: 0 };
  for (const registry of registries) {
    const metric = await registry.getSingleMetric('onsale_cache_requests_total')!.get();
    for (const { labels, value } of metric.values) {
      if (labels['cache'] === 'events') total[labels['result'] as keyof typeof total] += value;
    }
  }
  return total;
}

t.test('a created event is shown as it was given, under its number and its name', async (t) => {
  const process = await bed.startProcess();
  const event = await createFair(process);
  t.same(event, {
    id: event.id,
    eventId: `api-${event.id}`,
    eventName: 'Fair',
    totalSeats: 100,
    availableSeats: 100,
    eventDate: '2030-12-31T19:00:00',
    timeZone: 'Asia/Seoul',
    price: 1000,
    currency: 'KRW',
    perBuyer: null,
    seated: false,
    sale: null,
    cancelledAt: null,
    apiBase: 'http://127.0.0.1:8080',
  });
  t.same(await process.listing.get(String(event.id)), event);
  t.same(await process.listing.get(event.eventId), event);
  t.equal(await process.listing.get('999999'), undefined);
  t.equal(await process.listing.get('api-999999'), undefined);
  t.equal(await process.listing.get('no-such-event'), undefined);
});

t.test(
  'dates: past ones are taken, offsets are turned into the zone, impossible ones are refused',
  async (t) => {
    const process = await bed.startProcess();
    const past = await createFair(process, { eventDate: '2024-12-31T19:00:00' });
    t.equal(past.eventDate, '2024-12-31T19:00:00');
    const abroad = await createFair(process, {
      eventDate: '2030-12-31T19:00:00Z',
      timeZone: 'America/New_York',
    });
    t.equal(abroad.eventDate, '2030-12-31T14:00:00');
    t.match(await process.listing.create(fair({ eventDate: '2030-02-30T19:00:00' })), { outcome: 'invalid' });
    t.match(await process.listing.create(fair({ eventDate: 'soon' })), {
      outcome: 'invalid',
      problem: /eventDate/,
    });
    t.match(await process.listing.create(fair({ timeZone: 'Moon/Base' })), {
      outcome: 'invalid',
      problem: /timeZone/,
    });
  },
);

t.test('the list is soonest first and has published events with their sale', async (t) => {
  const process = await bed.startProcess({ freeSeats: async () => 77 });
  await process.catalogue.publishEvent(generalAdmission('ga-list', { startsAt: '2028-06-01T10:00:00Z' }));
  await process.catalogue.publishEvent({
    ...generalAdmission('seated-list', {
      startsAt: '2028-05-01T10:00:00Z',
      venue: { sections: [{ id: 'A', rows: 10, seatsPerRow: 10, price: 5 }] },
      generalAdmission: undefined,
    }),
  });
  const list = await process.listing.list();
  const dates = list.map((event) => parseEventDate(event.eventDate, event.timeZone)!);
  t.same(
    dates,
    dates.toSorted((a, b) => a - b),
  );
  t.match(
    list.find((event) => event.eventId === 'ga-list'),
    {
      totalSeats: 100,
      availableSeats: 100,
      price: 50_000,
      currency: 'KRW',
      perBuyer: 4,
      seated: false,
      sale: { saleId: 'ga-list.0', roomOpensAt: /^20/, state: 'on-sale' },
    },
  );
  t.match(
    list.find((event) => event.eventId === 'seated-list'),
    { totalSeats: 100, availableSeats: 77, price: null, seated: true, sale: { saleId: 'seated-list.0' } },
  );
});

t.test('a document from the cache is not late for an opening', async (t) => {
  const process = await bed.startProcess();
  const opensAtMs = bed.clock.nowMs() + 60_000;
  await process.catalogue.publishEvent(
    generalAdmission('ga-opening', {
      sale: {
        opensAt: new Date(opensAtMs).toISOString(),
        closesAt: new Date(opensAtMs + 60_000).toISOString(),
      },
    }),
  );
  t.equal((await process.listing.get('ga-opening'))?.sale?.state, 'room-open');
  bed.clock.shiftMs = 61_000;
  t.teardown(() => {
    bed.clock.shiftMs = 0;
  });
  t.equal((await process.listing.get('ga-opening'))?.sale?.state, 'on-sale');
});

t.test('every change is seen at once by every process', async (t) => {
  const [one, two] = [await bed.startProcess(), await bed.startProcess()];
  const { id, eventId } = await createFair(one);
  const free = async () => (await two.listing.get(eventId))?.availableSeats;
  const freeInList = async () => (await two.listing.list()).find((event) => event.id === id)?.availableSeats;
  t.equal(await free(), 100);
  t.equal(await freeInList(), 100);

  const reserved = await one.reservations.reserve({ eventKey: id, userId: 'alice', quantity: 7 });
  t.match(reserved, { outcome: 'reserved' });
  t.equal(await free(), 93);
  t.equal(await freeInList(), 93);

  const reservationId = reserved.outcome === 'reserved' ? reserved.reservation.id : 0;
  await one.reservations.cancel(reservationId, 'alice');
  t.equal(await free(), 100);
  t.equal(await freeInList(), 100);

  const { id: later } = await createFair(one, { eventName: 'Another' });
  t.ok((await two.listing.list()).some((event) => event.id === later));

  await one.catalogue.publishEvent(generalAdmission('ga-change'));
  t.equal((await two.listing.list()).filter((event) => event.eventId === 'ga-change').length, 1);
});

t.test('a number that was looked up before its event exists is found once it does', async (t) => {
  const process = await bed.startProcess();
  const { id } = await createFair(process);
  t.equal(await process.listing.get(String(id + 1)), undefined);
  t.equal((await createFair(process)).id, id + 1);
  t.match(await process.listing.get(String(id + 1)), { id: id + 1 });
});

t.test('under a read-mostly load more than 93.8 % of the look-ups are hits', async (t) => {
  const processes = [await bed.startProcess(), await bed.startProcess(), await bed.startProcess()];
  const events = [];
  for (let i = 0; i < 10; i++) events.push(await createFair(processes[0]!, { totalSeats: 10_000 }));
  const before = await lookUps(...processes.map(({ registry }) => registry));

  // 99 reads, of one event or of all, to a reservation; buyers come one after the other, as a steady stream does.
  let changes = 0;
  for (let i = 0; i < 6000; i++) {
    const process = processes[i % processes.length]!;
    const event = events[(i * 7) % events.length]!;
    if (i % 100 === 0) {
      await process.reservations.reserve({ eventKey: event.id, userId: `buyer-${i}`, quantity: 1 });
      changes++;
    } else if (i % 4 === 0) await process.listing.list();
    else await process.listing.get(String(event.id));
  }

  const after = await lookUps(...processes.map(({ registry }) => registry));
  const hits = after.hit - before.hit;
  const misses = after.miss - before.miss;
  const ratio = hits / (hits + misses);
  t.comment(`${hits} hits, ${misses} misses, ${changes} changes: ${(ratio * 100).toFixed(2)} %`);
  t.ok(ratio >= 0.938, `hit ratio ${ratio.toFixed(4)}`);
  t.ok(misses >= changes, 'and every change was read anew');
});

t.test('while Redis is away reads come from PostgreSQL, many at once as one', async (t) => {
  const engine = await privateRedis(t);
  const process = await bed.startProcess({ redisUrl: engine.url });
  const { id } = await createFair(process);
  await engine.kill();
  const before = await lookUps(process.registry);
  const views = await Promise.all(Array.from({ length: 200 }, () => process.listing.get(String(id))));
  t.ok(views.every((view) => view?.availableSeats === 100));
  const after = await lookUps(process.registry);
  t.same([after.away - before.away, after.shared - before.shared], [1, 199]);
  t.match(await process.reservations.reserve({ eventKey: id, userId: 'alice', quantity: 1 }), {
    outcome: 'reserved',
  });
  t.equal((await process.listing.get(String(id)))?.availableSeats, 99);
  await engine.start();
  await redisReady(process.redis, 5000);
  t.equal((await process.listing.get(String(id)))?.availableSeats, 99);
});

t.test(
  'while PostgreSQL is away cached events are shown, and what is not cached is an outage and no bug',
  async (t) => {
    const engine = await privatePostgres(t);
    const process = await bed.startProcess({ postgresUrl: engine.url });
    const { id } = await createFair(process);
    await process.listing.get(String(id));
    await until(
      'the document',
      async () => (await process.redis.exists(await documentKey(process, id))) === 1,
    );
    await engine.kill();
    t.equal((await process.listing.get(String(id)))?.availableSeats, 100);
    const refused: unknown = await process.listing.get(String(id + 1)).catch((error: unknown) => error);
    t.equal(asUnavailable(refused)?.status, 503);
    await engine.start();
    await until(
      'the event to be gone',
      async () => (await process.listing.get(String(id + 1)).catch(() => null)) === undefined,
    );
  },
);

t.test(
  'free seats are counted at most once a second, and the last count serves while the inventory is away',
  async (t) => {
    let counted = 0;
    let away = false;
    const process = await bed.startProcess({
      freeSeats: async () => {
        counted++;
        if (away) throw new Error('rebuilding');
        return 40 + counted;
      },
    });
    await process.catalogue.publishEvent(
      generalAdmission('seated-counts', {
        venue: { sections: [{ id: 'A', rows: 10, seatsPerRow: 10, price: 5 }] },
        generalAdmission: undefined,
      }),
    );
    const free = async () => (await process.listing.get('seated-counts'))?.availableSeats;
    t.same(await Promise.all([free(), free(), free()]), [41, 41, 41]);
    t.equal(counted, 1);
    away = true;
    await until('another count', async () => {
      t.equal(await free(), 41);
      return counted > 1;
    });
    const unknown = await bed.startProcess({
      freeSeats: async () => {
        throw new Error('rebuilding');
      },
    });
    t.equal((await unknown.listing.get('seated-counts'))?.availableSeats, 0);
  },
);

async function documentKey({ pool }: TestProcess, id: number): Promise<string> {
  const { rows } = await pool.query<{ name: string }>('select current_database() as name');
  return `onsale:cache:{${rows[0]!.name}:event-${id}}:document`;
}
