import t from 'tap';
import { issueLocalToken } from '@onsale/platform/identity/issue-local-token';
import { localSecrets } from '@onsale/local/local-secrets';
import { Buyer, call } from './buyer.ts';
import { publishEvent, startStack } from './sale-fixture.ts';

t.setTimeout(300_000);

t.test('races through the front door of two replicas each', async (t) => {
  const stack = await startStack(t, { replicas: 2 });

  await t.test('sixty buyers, one seat, one winner', async (t) => {
    const eventId = await publishEvent(stack);
    const buyers = Array.from({ length: 60 }, () => new Buyer(stack.url, eventId));
    await Promise.all(buyers.map((buyer) => buyer.awaitTurn()));
    const answers = await Promise.all(buyers.map((buyer) => buyer.hold({ seatId: 'R1C1' })));
    const statuses = answers.map((answer) => answer.status).sort();
    t.same(statuses, [200, ...Array.from({ length: 59 }, () => 409)]);
    t.ok(
      answers.every((answer) => answer.status === 200 || answer.body.error === 'seat_already_held_or_sold'),
    );
  });

  await t.test('holds across all sections at once never exceed the cap', async (t) => {
    const sections = ['A', 'B', 'C', 'D'].map((id) => ({ id, rows: 1, seatsPerRow: 10, price: 100 }));
    const eventId = await publishEvent(stack, { sections, perBuyer: 3 });
    const buyer = new Buyer(stack.url, eventId);
    await buyer.awaitTurn();
    const asked = sections.flatMap((_, row) => [1, 2, 3].map((column) => `R${row + 1}C${column}`));
    const answers = await Promise.all(asked.map((seatId) => buyer.hold({ seatId })));
    t.equal(answers.filter((answer) => answer.status === 200).length, 3);
    t.ok(
      answers.every((answer) => answer.status === 200 || answer.body.error === 'limit_reached'),
      JSON.stringify(answers.map((answer) => answer.body.error)),
    );
  });

  await t.test('crossed requests for the same pair of seats: all or none', async (t) => {
    const eventId = await publishEvent(stack);
    const buyers = Array.from({ length: 20 }, () => new Buyer(stack.url, eventId));
    await Promise.all(buyers.map((buyer) => buyer.awaitTurn()));
    const answers = await Promise.all(
      buyers.map((buyer, index) =>
        buyer.hold({ seatIds: index % 2 === 0 ? ['R1C1', 'R1C2', 'R1C3'] : ['R1C3', 'R1C4', 'R1C5'] }),
      ),
    );
    t.equal(answers.filter((answer) => answer.status === 200).length, 1, 'both triples need R1C3');
    const summary = await call(stack.url, 'GET', `/public/seats/${eventId}`);
    t.equal(summary.body.sections[0].seats.match(/h/g).length, 3);
  });

  await t.test('1,000 at once for 100 general-admission tickets', async (t) => {
    const eventId = await publishEvent(stack, { generalAdmission: { capacity: 100, price: 100 } });
    const tokens = await Promise.all(
      Array.from({ length: 1000 }, (_, index) =>
        issueLocalToken({
          userId: `ga-${index}`,
          roles: ['buyer'],
          key: localSecrets.jwtKey,
          ttlSeconds: 600,
        }),
      ),
    );
    const startedAt = performance.now();
    const answers = await Promise.all(
      tokens.map((token) =>
        call(stack.url, 'POST', '/api/reservations', {
          body: { eventId, quantity: 1 },
          headers: { authorization: `Bearer ${token}` },
        }),
      ),
    );
    const seconds = (performance.now() - startedAt) / 1000;
    t.equal(answers.filter((answer) => answer.status === 201).length, 100);
    t.equal(
      answers.filter((answer) => answer.status === 409 && answer.body.error === 'sold_out').length,
      900,
    );
    t.comment(`decided in ${seconds.toFixed(2)} s`);
  });
});
