import t from 'tap';
import { verifyDraw } from '@onsale/waiting-room/draw-verify';
import { Buyer, call, until } from './buyer.ts';
import { publishEvent, startStack } from './sale-fixture.ts';

t.setTimeout(400_000);

t.test('a whole purchase, from before opening to a cancelled ticket', async (t) => {
  const stack = await startStack(t);
  const eventId = await publishEvent(stack, { opensInMs: 5000 });
  const alice = new Buyer(stack.url, eventId);

  const entered = await alice.enter();
  t.match(entered, { status: 200, body: { position: 0, drawn: false } });
  t.equal((await alice.enter()).body.joinIndex, entered.body.joinIndex, 'another tab gets the same place');
  t.match(await alice.roomStatus(), { status: 200, body: { ready: false, drawn: false } });
  t.match(await alice.hold({ seatId: 'R1C1' }), { status: 409, body: { error: 'sale_not_open' } });

  const sealed = await call(stack.url, 'GET', `/public/room/${eventId}`);
  t.match(sealed.body.draw, { seed: null, cohort: null, seedHash: /^[0-9a-f]{64}$/ });
  await alice.awaitTurn();
  const drawn = await call(stack.url, 'GET', `/public/room/${eventId}`);
  t.equal(drawn.body.draw.seedHash, sealed.body.draw.seedHash, 'the hash was published before the draw');
  t.match(
    verifyDraw({ ...drawn.body.draw, joinIndex: entered.body.joinIndex }),
    { outcome: 'drawn' },
    'anybody can recompute the place',
  );

  const held = await alice.hold({ seatIds: ['R1C1', 'R1C2'] });
  t.match(held, { status: 200, body: { holdId: String, expiresAt: /Z$/ } });
  const intent = await alice.intent(['R1C1', 'R1C2'], 'alice-intent-key');
  t.match(intent, { status: 201, body: { amount: 2000 }, headers: { location: String } });
  const replay = await alice.intent(['R1C1', 'R1C2'], 'alice-intent-key');
  t.match(replay, { status: 200, body: intent.body, headers: { 'x-idempotent-replay': 'true' } });
  t.match(await alice.intent(['R1C3'], 'alice-intent-key'), {
    status: 409,
    body: { error: 'idempotency_key_reused' },
  });

  t.match(await call(stack.url, 'GET', String(intent.headers['location'])), {
    status: 200,
    body: { intentId: intent.body.intentId, seatIds: ['R1C1', 'R1C2'], payment: { amount: 2000 } },
  });

  const key = `${alice.userId}-commit`;
  t.match(await alice.commit(intent.body.intentId, ['R1C1', 'R1C2'], key), {
    status: 202,
    body: { accepted: true, status: 'PROCESSING', idem: key },
    headers: { location: `/confirm/status?idem=${key}` },
  });
  const { order, payment } = await alice.awaitOrder(key);
  t.match(order, {
    status: 'CONFIRMED',
    reason: null,
    amount: 2000,
    tickets: [{ seatId: 'R1C1' }, { seatId: 'R1C2' }],
  });
  t.match(payment, { status: 'CAPTURED', amount: 2000 });
  t.match(
    await alice.commit(intent.body.intentId, ['R1C1', 'R1C2'], key),
    { status: 202 },
    'a repeat is accepted',
  );
  t.equal((await alice.awaitOrder(key)).order.orderId, order.orderId);

  const status = await alice.status(key);
  const unchanged = await call(stack.url, 'GET', `/confirm/status?idem=${key}`, {
    headers: { 'if-none-match': String(status.headers['etag']) },
  });
  t.equal(unchanged.status, 304);

  await until('the map shows them sold', 60_000, async () => {
    const map = await call(stack.url, 'GET', `/public/seats/${eventId}`);
    return map.body.sections[0].seats.startsWith('ssff');
  });

  const cancel = (body: object) =>
    call(stack.url, 'POST', `/confirm/orders/${order.orderId}/cancel`, {
      body: { userId: alice.userId, ...body },
    });
  t.match(await cancel({ ticketIds: [order.tickets[0].ticketId] }), {
    status: 200,
    body: { refundAmount: 1000 },
  });
  t.match(await cancel({}), { status: 200, body: { order: { status: 'CANCELLED' } } });
  t.match(
    await cancel({}),
    { status: 200, body: { order: { status: 'CANCELLED' } } },
    'a repeat changes nothing',
  );
  await until('the money is back', 60_000, async () => {
    const answer = await alice.status(key);
    return answer.body.payment.refunded === 2000;
  });
  const bob = new Buyer(stack.url, eventId);
  await bob.awaitTurn();
  await until(
    'the seats are on sale again',
    60_000,
    async () => (await bob.hold({ seatId: 'R1C1' })).status === 200,
  );
});

t.test('a tab closed after paying still ends with tickets', async (t) => {
  const stack = await startStack(t);
  const eventId = await publishEvent(stack);
  const buyer = new Buyer(stack.url, eventId);
  await buyer.awaitTurn();
  t.equal((await buyer.hold({ seatId: 'R2C1' })).status, 200);
  t.equal((await buyer.intent(['R2C1'])).status, 201);
  await until('the capture alone commits', 60_000, async () => {
    const answer = await call(stack.url, 'GET', `/confirm/orders?userId=${buyer.userId}`);
    return answer.body.orders[0]?.status === 'CONFIRMED';
  });
});

t.test('the smoke checks pass against it', async (t) => {
  const stack = await startStack(t);
  const eventId = await publishEvent(stack);
  const { smokeChecks } = await import('./smoke-checks.ts');
  const target = {
    base: stack.url,
    eventId,
    userId: 'smoke-1',
    timeoutMs: 60_000,
    headers: {},
    sign: undefined,
  };
  for (const { name, run } of smokeChecks(target)) await t.resolves(run(), name);
});
