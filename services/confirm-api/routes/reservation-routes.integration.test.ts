import { startTestBed } from '@onsale/orders/reservations/test-bed';
import { createHttpApp } from '@onsale/platform/http/create-http-app';
import { createIdentity } from '@onsale/platform/identity/create-identity';
import { issueLocalToken } from '@onsale/platform/identity/issue-local-token';
import t from 'tap';
import { registerReservationRoutes } from './reservation-routes.ts';

const key = 'a-secret-of-thirty-two-bytes-or-more';
const bed = await startTestBed(t);

/** An instance as it is deployed: its own app, identity, connections and memory. */
async function startInstance() {
  const process = await bed.startProcess();
  const app = createHttpApp({ logger: bed.logger });
  registerReservationRoutes(app, {
    identity: createIdentity({ mode: 'bearer', localKey: key }),
    reservations: process.reservations,
  });
  await app.ready();
  t.teardown(() => app.close());
  return { ...process, app };
}

const instances = await Promise.all([startInstance(), startInstance(), startInstance(), startInstance()]);
const { listing } = instances[0];

async function createEvent(totalSeats: number) {
  const created = await listing.create({
    eventName: 'Fair',
    totalSeats,
    eventDate: '2035-01-01T19:00:00',
    timeZone: 'Asia/Seoul',
    priceMinor: 0,
  });
  return created.outcome === 'created' ? created.event.id : 0;
}

const bearer = async (userId: string) => ({
  authorization: `Bearer ${await issueLocalToken({ userId, roles: [], key, ttlSeconds: 60 })}`,
});

t.test(
  'a thousand requests at once for a hundred tickets: a hundred get one, the rest are told so',
  async (t) => {
    const eventId = await createEvent(100);
    const headers = await Promise.all(Array.from({ length: 1000 }, (_, i) => bearer(`buyer-${i}`)));
    const startedAt = performance.now();
    const answers = await Promise.all(
      headers.map((each, i) =>
        instances[i % 4]!.app.inject({
          method: 'POST',
          url: '/api/reservations',
          headers: each,
          payload: { eventId, userId: `buyer-${i}`, quantity: 1 },
        }),
      ),
    );
    const elapsedMs = performance.now() - startedAt;
    t.comment(`1,000 answered in ${elapsedMs.toFixed(0)} ms`);
    const accepted = answers.filter((answer) => answer.statusCode === 201);
    const refused = answers.filter((answer) => answer.statusCode === 409);
    t.equal(accepted.length, 100);
    t.equal(refused.length, 900);
    t.ok(refused.every((answer) => answer.json<{ error: string }>().error === 'sold_out'));
    t.equal(new Set(accepted.map((answer) => answer.json<{ id: number }>().id)).size, 100);
    t.ok(elapsedMs < 30_000);
    t.match(await listing.get(String(eventId)), { totalSeats: 100, availableSeats: 0 });
  },
);

t.test('the life of a reservation: taken, listed, given back, and given back again', async (t) => {
  const eventId = await createEvent(10);
  const alice = await bearer('alice');
  const [one, two, three] = instances;
  const post = (instance: Instance, headers: object = {}) =>
    instance.app.inject({
      method: 'POST',
      url: '/api/reservations',
      headers: { ...alice, ...headers },
      payload: { eventId, quantity: 3 },
    });
  const taken = await post(one, { 'idempotency-key': `life-of-${eventId}` });
  t.equal(taken.statusCode, 201);
  const reservation = taken.json<{ id: number }>();
  t.match(reservation, { eventId, userId: 'alice', quantity: 3, status: 'CONFIRMED' });
  const repeated = await post(two, { 'idempotency-key': `life-of-${eventId}` });
  t.equal(repeated.statusCode, 200);
  t.equal(repeated.headers['x-idempotent-replay'], 'true');
  t.same(repeated.json(), reservation);

  const list = await three.app.inject({ url: '/api/reservations/user/alice', headers: alice });
  t.same(list.json(), [reservation]);

  const cancel = async (instance: Instance, headers: Record<string, string>) =>
    instance.app.inject({ method: 'DELETE', url: `/api/reservations/${reservation.id}`, headers });
  t.equal((await cancel(two, await bearer('bob'))).statusCode, 403);
  t.match(await listing.get(String(eventId)), { availableSeats: 7 });
  const cancelled = await Promise.all(Array.from({ length: 10 }, (_, i) => cancel(instances[i % 4]!, alice)));
  for (const answer of cancelled) {
    t.equal(answer.statusCode, 200);
    t.same(answer.json(), { ...reservation, status: 'CANCELLED' });
  }
  t.match(await listing.get(String(eventId)), { availableSeats: 10 });
});

type Instance = Awaited<ReturnType<typeof startInstance>>;
