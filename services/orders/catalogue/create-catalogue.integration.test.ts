import { setTimeout as delay } from 'node:timers/promises';
import { privatePostgres } from '@onsale/local/test-engines';
import { ApiError } from '@onsale/platform/http/api-error';
import pg from 'pg';
import t from 'tap';
import { generalAdmission, startTestBed } from '../reservations/test-bed.ts';
import { until } from '../test-bed.ts';
import { createdEventId } from './created-event.ts';

const bed = await startTestBed(t);

const seated = (eventId: string, price = 165_000) => ({
  apiVersion: 'onsale.dev/v1alpha1',
  kind: 'TicketEvent',
  metadata: { name: eventId },
  spec: {
    eventId,
    title: 'Harbour Lights',
    homeRegion: 'local',
    sale: { opensAt: '2027-01-01T10:00:00Z', closesAt: '2027-01-02T10:00:00Z' },
    venue: { sections: [{ id: 'A', rows: 10, seatsPerRow: 12, price }] },
  },
});

t.test('what one process publishes, it knows at once and the others soon', async (t) => {
  const [publisher, reader] = [await bed.startProcess(), await bed.startProcess()];
  t.equal(await reader.catalogue.find('event-a'), undefined);
  const outcome = await publisher.catalogue.publishEvent(seated('event-a'));
  t.match(outcome, { outcome: 'created', published: { number: Number, event: { eventId: 'event-a' } } });
  const own = (await publisher.catalogue.find('event-a'))!;
  t.equal(own.seatMap.seatCount, 120);
  t.equal(await publisher.catalogue.findByNumber(own.number), own);

  const publishedAt = performance.now();
  const seen = await until('the event in the other process', () => reader.catalogue.find('event-a'));
  t.ok(performance.now() - publishedAt < 15_000);
  t.same(seen.event, own.event);
  t.equal(seen.number, own.number);

  await publisher.catalogue.publishEvent({
    ...seated('event-a'),
    spec: { ...seated('event-a').spec, title: 'Harbour Lights, second night' },
  });
  const changedAt = performance.now();
  await until('its new title', async () =>
    (await reader.catalogue.find('event-a'))?.event.title.endsWith('second night'),
  );
  t.ok(performance.now() - changedAt < 15_000);
});

t.test('an event is the same object until it changes', async (t) => {
  const { catalogue } = await bed.startProcess();
  await catalogue.publishEvent(seated('event-b'));
  await catalogue.publishEvent(seated('event-c'));
  const [before, other] = [await catalogue.find('event-b'), await catalogue.find('event-c')];
  await catalogue.refresh();
  t.equal(await catalogue.find('event-b'), before);
  await catalogue.publishEvent({ ...seated('event-b'), spec: { ...seated('event-b').spec, suspend: true } });
  t.not(await catalogue.find('event-b'), before);
  t.equal((await catalogue.find('event-b'))!.event.suspend, true);
  t.equal(await catalogue.find('event-c'), other);
});

t.test('publishing the same twice changes nothing', async (t) => {
  const { catalogue, pool } = await bed.startProcess();
  const revision = async () =>
    (await pool.query<object>("select number, revision, updated_at from events where event_id = 'event-d'"))
      .rows[0];
  const first = await catalogue.publishEvent(seated('event-d'));
  const before = await revision();
  t.match(await catalogue.publishEvent(seated('event-d')), { outcome: 'unchanged' });
  // What Kubernetes changes on a resource by itself, and defaults that are written out, change nothing either.
  const applied = {
    ...seated('event-d'),
    metadata: { name: 'event-d', generation: 5, resourceVersion: '77' },
    spec: { ...seated('event-d').spec, timeZone: 'Asia/Seoul', suspend: false },
  };
  const again = await catalogue.publishEvent(applied);
  t.equal(again.outcome, 'unchanged');
  t.same(await revision(), before);
  t.same('published' in again && again.published.number, 'published' in first && first.published.number);
});

t.test('identity, venue and prices stay; times, limits and rates change', async (t) => {
  const { catalogue } = await bed.startProcess();
  await catalogue.publishEvent(seated('event-e'));
  t.same(await catalogue.publishEvent(seated('event-e', 1)), {
    outcome: 'immutable',
    field: 'spec.venue.sections.0.price',
  });
  t.same(await catalogue.publishEvent(generalAdmission('event-e')), {
    outcome: 'immutable',
    field: 'spec.generalAdmission',
  });
  t.equal((await catalogue.find('event-e'))!.event.sections[0]!.priceMinor, 165_000);
  const { spec } = seated('event-e');
  const changed = await catalogue.publishEvent({
    ...seated('event-e'),
    spec: {
      ...spec,
      sale: { ...spec.sale, opensAt: '2027-01-01T11:00:00Z' },
      limits: { perBuyer: 2, holdTtl: '1m' },
    },
  });
  t.match(changed, {
    outcome: 'updated',
    published: { event: { perBuyer: 2, sale: { opensAtMs: Date.parse('2027-01-01T11:00:00Z') } } },
  });
});

t.test('only events at home here are published', async (t) => {
  const { catalogue } = await bed.startProcess();
  const inRegion = (homeRegion: string) => ({
    ...seated('event-f'),
    spec: { ...seated('event-f').spec, homeRegion },
  });
  t.same(await catalogue.publishEvent(inRegion('ap-northeast-2')), {
    outcome: 'not-home',
    homeRegion: 'ap-northeast-2',
  });
  t.equal(await catalogue.find('event-f'), undefined);
  t.match(await catalogue.publishEvent(inRegion('ap-northeast-1')), { outcome: 'created' });
  t.same(await catalogue.publishEvent(inRegion('local')), { outcome: 'immutable', field: 'spec.homeRegion' });
});

t.test('twenty publishers of one event at once make one event', async (t) => {
  const processes = await Promise.all([bed.startProcess(), bed.startProcess()]);
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, index) => processes[index % 2]!.catalogue.publishEvent(seated('event-g'))),
  );
  t.equal(outcomes.filter(({ outcome }) => outcome === 'created').length, 1);
  t.equal(outcomes.filter(({ outcome }) => outcome === 'unchanged').length, 19);

  // Changes at the same time: the titles get in, the prices do not.
  const titles = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      processes[index % 2]!.catalogue.publishEvent(
        index % 2 === 0
          ? seated('event-g', 1000 + index)
          : { ...seated('event-g'), spec: { ...seated('event-g').spec, title: `Night ${index}` } },
      ),
    ),
  );
  t.equal(titles.filter(({ outcome }) => outcome === 'immutable').length, 10);
  t.equal(titles.filter(({ outcome }) => outcome === 'updated').length, 10);
  const { rows } = await processes[0].pool.query(
    "select revision, ticket_event->'spec'->'venue'->'sections'->0->'price' as price from events where event_id = 'event-g'",
  );
  t.same(rows, [{ revision: 11, price: 165_000 }]);
});

t.test(
  'an event made through the events API is not published over, and gets out of the way of a name',
  async (t) => {
    const { catalogue, listing, pool } = await bed.startProcess();
    const fair = {
      eventName: 'Fair',
      totalSeats: 5,
      eventDate: '2027-12-31T19:00:00',
      timeZone: 'UTC',
      priceMinor: 0,
    };
    const created = await listing.create(fair);
    const eventId = created.outcome === 'created' ? created.event.eventId : '';
    t.same(await catalogue.publishEvent(generalAdmission(eventId)), {
      outcome: 'immutable',
      field: 'spec.eventId',
    });
    t.equal(await catalogue.find(eventId), undefined, 'and it is not among the published');

    // The next number's name, and the one after it, are taken by published events.
    const { rows } = await pool.query<{ last: number }>('select max(number) as last from events');
    const last = rows[0]!.last;
    await catalogue.publishEvent(generalAdmission(createdEventId(last + 3)));
    const next = await listing.create(fair);
    const after = await listing.create(fair);
    for (const one of [next, after]) {
      t.match(one, { outcome: 'created' });
      t.equal(
        one.outcome === 'created' && one.event.eventId,
        one.outcome === 'created' && createdEventId(one.event.id),
      );
    }
  },
);

t.test('a document that is not valid is refused with all of its problems', async (t) => {
  const { catalogue } = await bed.startProcess();
  const outcome = await catalogue.publishEvent({
    ...seated('event-h'),
    spec: { eventId: 'Event H', title: '' },
  });
  t.equal(outcome.outcome, 'invalid');
  t.ok('problems' in outcome && outcome.problems.length >= 3);
});

t.test('a hot path never waits for PostgreSQL: memory answers while it is away, for a while', async (t) => {
  const engine = await privatePostgres(t);
  const process = await bed.startProcess({ postgresUrl: engine.url, maxStaleMs: 8000 });
  const { catalogue } = process;
  await catalogue.publishEvent(seated('event-i'));

  // It takes questions about events and answers none.
  const blocker = new pg.Client({ connectionString: engine.url });
  blocker.on('error', () => undefined);
  await blocker.connect();
  await blocker.query('begin');
  await blocker.query('lock table events in access exclusive mode');
  const blockedAt = performance.now();
  let slowest = 0;
  while (performance.now() - blockedAt < 1500) {
    const askedAt = performance.now();
    t.equal((await catalogue.find('event-i'))?.event.eventId, 'event-i');
    slowest = Math.max(slowest, performance.now() - askedAt);
    await delay(20);
  }
  // Whoever waited for it would wait until the statement is given up, for seconds.
  t.ok(slowest < 1000, `slowest answer ${slowest.toFixed(1)} ms`);

  await engine.kill('SIGKILL');
  await until('it to be missed', async () => {
    try {
      await catalogue.find('event-i');
      return undefined;
    } catch (error) {
      return error instanceof ApiError && error.code === 'unavailable';
    }
  });

  await engine.start();
  await until('the event', () => catalogue.find('event-i').catch(() => undefined));
  t.match(await catalogue.publishEvent(seated('event-j')), { outcome: 'created' });
});

t.test('a stored event this version cannot read takes no other off sale', async (t) => {
  const { catalogue, pool } = await bed.startProcess();
  await catalogue.publishEvent(seated('event-k'));
  const client = new pg.Client({ connectionString: bed.engines.postgresUrl });
  await client.connect();
  t.teardown(() => client.end());
  await client.query(
    `update events set ticket_event = jsonb_set(ticket_event, '{spec,sale}', '{}'), revision = revision + 1
     where event_id = 'event-k'`,
  );
  await catalogue.publishEvent(seated('event-l'));
  t.ok(await catalogue.find('event-l'));
  t.ok(await catalogue.find('event-k'), 'as it was before');
  await pool.query("delete from events where event_id = 'event-k'");
  await catalogue.refresh();
  t.equal(await catalogue.find('event-k'), undefined, 'what is deleted is gone');
});
