import t, { type Test } from 'tap';
import { Buyer, call, type Answer } from './buyer.ts';
import { publishEvent, startStack } from './sale-fixture.ts';

t.setTimeout(300_000);

t.test('bad input gets a clear error of the contract', async (t) => {
  const stack = await startStack(t);
  const eventId = await publishEvent(stack);
  const otherEvent = await publishEvent(stack);
  const closedEvent = await publishEvent(stack, { opensInMs: 600_000 });
  const buyer = new Buyer(stack.url, eventId);
  await buyer.awaitTurn();
  const stranger = new Buyer(stack.url, otherEvent);
  await stranger.awaitTurn();

  const refused = (t: Test, answer: Answer, status: number, code: string, name: string) => {
    t.match(answer, { status, body: { error: code, message: String } }, name);
    t.same(Object.keys(answer.body).sort(), ['error', 'message'], `${name}: nothing else in the body`);
  };
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    call(stack.url, 'POST', path, { body, headers });

  await t.test('a method the path does not take', async (t) => {
    for (const method of ['PUT', 'DELETE', 'TRACE', 'PROPFIND', 'QUERY']) {
      refused(t, await call(stack.url, method, '/public/enter'), 405, 'method_not_allowed', method);
    }
  });

  await t.test('enter', async (t) => {
    refused(t, await post('/public/enter', '{'), 400, 'bad_request', 'broken JSON');
    refused(t, await post('/public/enter', { userId: 1, eventId }), 400, 'bad_request', 'mistyped');
    refused(t, await post('/public/enter', { eventId }), 400, 'bad_request', 'a field is missing');
    refused(
      t,
      await post('/public/enter', { userId: 'a b', eventId }),
      400,
      'bad_request',
      'a space in a user id',
    );
    refused(
      t,
      await post('/public/enter', { userId: 'a', eventId: 'no-such' }),
      404,
      'not_found',
      'no such event',
    );
    refused(t, await post('/public/enter', 'x'.repeat(70_000)), 413, 'payload_too_large', 'oversized');
    for (let attempt = 0; attempt < 5; attempt++) {
      const huge = await post('/public/enter', 'x'.repeat(2_000_000));
      refused(t, huge, 413, 'payload_too_large', 'far too large, again and again');
    }
    for (const path of ['/public/seats/%', '/public/seats/%ff', '/public/seats/..%2f..%2fetc']) {
      refused(t, await call(stack.url, 'GET', path), 400, 'bad_request', path);
    }
    refused(
      t,
      await post('/public/enter', '{}', { 'content-type': 'json' }),
      415,
      'unsupported_media_type',
      'no media type',
    );
    refused(
      t,
      await post('/public/enter', 'userId=a', { 'content-type': 'text/plain' }),
      415,
      'unsupported_media_type',
      'not JSON',
    );
  });

  await t.test('hold', async (t) => {
    const hold = (body: object, token = buyer.roomToken) =>
      post('/public/hold', body, { 'x-room-token': token });
    refused(t, await hold({ eventId }), 400, 'bad_request', 'no seat');
    refused(
      t,
      await hold({ eventId, seatId: 'R1C1', seatIds: ['R1C2'] }),
      400,
      'bad_request',
      'two forms at once',
    );
    refused(t, await hold({ eventId, seatId: 'R99C99' }), 400, 'bad_request', 'no such seat');
    refused(t, await hold({ eventId, seatIds: ['R1C1', 'R5C1'] }), 400, 'bad_request', 'two sections');
    refused(t, await hold({ eventId: 'no-such', seatId: 'R1C1' }), 404, 'not_found', 'no such event');
    refused(t, await hold({ eventId, seatId: 'R1C1' }, ''), 401, 'room_expired', 'no token');
    refused(t, await hold({ eventId, seatId: 'R1C1' }, 'forged'), 401, 'room_expired', 'a forged token');
    refused(
      t,
      await hold({ eventId, seatId: 'R1C1' }, stranger.roomToken),
      401,
      'room_expired',
      'a foreign token',
    );
    refused(
      t,
      await hold({ eventId: closedEvent, seatId: 'R1C1' }, buyer.roomToken),
      401,
      'room_expired',
      'a token of another sale',
    );
  });

  await t.test('release without proof changes nothing', async (t) => {
    const held = await buyer.hold({ seatId: 'R1C1' });
    t.equal(held.status, 200);
    t.match(await buyer.release('R1C1', {}), { status: 200, body: { released: false } });
    t.match(await buyer.release('R1C1', { holdId: 'guess' }), { status: 200, body: { released: false } });
    t.match(await buyer.release('R1C1', { roomToken: stranger.roomToken }), {
      status: 200,
      body: { released: false },
    });
    t.match(await buyer.release('R1C1', { holdId: held.body.holdId }), {
      status: 200,
      body: { released: true },
    });
    t.match(await buyer.release('R1C1', { holdId: held.body.holdId }), {
      status: 200,
      body: { released: false },
    });
    const again = await buyer.hold({ seatId: 'R1C1' });
    t.match(await buyer.release('R1C1', { roomToken: buyer.roomToken }), {
      status: 200,
      body: { released: true },
    });
    t.equal(again.status, 200);
  });

  await t.test('intent, callback, commit', async (t) => {
    const intent = { userId: buyer.userId, eventId, seatIds: ['R1C1'] };
    const key = { 'idempotency-key': 'bad-input-key' };
    refused(t, await post('/confirm/payment-intent', intent), 400, 'bad_request', 'no key');
    refused(
      t,
      await post('/confirm/payment-intent', intent, { 'idempotency-key': 'short' }),
      400,
      'bad_request',
      'short key',
    );
    refused(
      t,
      await post('/confirm/payment-intent', { ...intent, seatIds: [] }, key),
      400,
      'bad_request',
      'no seats',
    );
    refused(
      t,
      await post('/confirm/payment-intent', { ...intent, seatIds: ['R99C9'] }, key),
      400,
      'bad_request',
      'no such seat',
    );
    refused(
      t,
      await post('/confirm/payment-intent', { ...intent, eventId: 'no-such' }, key),
      404,
      'not_found',
      'no such event',
    );
    refused(
      t,
      await post('/confirm/payment-callback', {
        type: 'payment.captured',
        intentId: 'x',
        paymentId: 'y',
        amount: 1,
      }),
      401,
      'bad_signature',
      'an unsigned callback',
    );
    const commit = { intentId: 'no-such-intent', eventId, seatIds: ['R1C1'], userId: buyer.userId };
    refused(t, await post('/confirm/commit', commit), 400, 'bad_request', 'no key');
    t.equal((await post('/confirm/commit', commit, { 'idempotency-key': 'unknown-intent-1' })).status, 202);
    const { order } = await buyer.awaitOrder('unknown-intent-1');
    t.match(order, { status: 'REJECTED', reason: String }, 'an unknown intent ends rejected');
    refused(
      t,
      await post(
        '/confirm/commit',
        { ...commit, userId: 'mallory' },
        { 'idempotency-key': 'unknown-intent-1' },
      ),
      409,
      'idempotency_key_reused',
      "somebody else's key",
    );
    t.match(await buyer.status('never-used-key'), { status: 200, body: { order: null, payment: null } });
  });

  await t.test('a shared room token, and another buyer’s key', async (t) => {
    const sharer = new Buyer(stack.url, eventId);
    await sharer.awaitTurn();
    const hold = (seatId: string) =>
      post('/public/hold', { eventId, seatId }, { 'x-room-token': sharer.roomToken });
    for (const column of [1, 2, 3, 4]) t.equal((await hold(`R6C${column}`)).status, 200);
    refused(t, await hold('R6C5'), 409, 'limit_reached', 'whoever has the token, it is one buyer’s cap');
    const friend = new Buyer(stack.url, eventId);
    const intent = await friend.intent(['R6C1'], 'a-key-of-a-friend');
    t.equal(intent.status, 201);
    refused(
      t,
      await sharer.intent(['R6C1'], 'a-key-of-a-friend'),
      409,
      'idempotency_key_reused',
      'the same key',
    );
    const committed = await friend.commit(intent.body.intentId, ['R6C1'], 'a-commit-of-a-friend');
    t.equal(committed.status, 202);
    refused(
      t,
      await sharer.commit(intent.body.intentId, ['R6C1'], 'a-commit-of-a-friend'),
      409,
      'idempotency_key_reused',
      'and of a commit',
    );
  });

  await t.test('names made to be read as something else are names', async (t) => {
    const hostile = [
      "';drop/**/table/**/orders;--",
      '"]redis.call("FLUSHALL")--',
      '}:{x}*[a-z]?',
      '%s%00%n%x${jndi:ldap://x}{{7*7}}',
      '-1||pg_sleep(9)#',
      '__proto__',
    ];
    await Promise.all(
      hostile.map(async (userId, index) => {
        const named = new Buyer(stack.url, eventId, userId);
        await named.awaitTurn();
        const { order } = await named.buy([`R7C${index + 1}`]);
        t.match(order, { status: 'CONFIRMED', userId }, userId);
        const orders = await call(stack.url, 'GET', `/confirm/orders?userId=${encodeURIComponent(userId)}`);
        const found = orders.body.orders.map((one: { orderId: string }) => one.orderId);
        t.same(found, [order.orderId], 'and finds its own order alone');
      }),
    );
    for (const userId of ['a\nb', 'a b', 'a\u0000b', 'é', 'x'.repeat(129)]) {
      refused(
        t,
        await post('/public/enter', { userId, eventId }),
        400,
        'bad_request',
        JSON.stringify(userId),
      );
    }
  });

  await t.test('the events API', async (t) => {
    refused(t, await post('/api/events', {}), 401, 'unauthorized', 'no token');
    refused(t, await call(stack.url, 'GET', '/api/events/424242'), 404, 'not_found', 'no such event');
    refused(
      t,
      await call(stack.url, 'GET', '/api/reservations/user/alice', {
        headers: { authorization: 'Bearer x.y.z' },
      }),
      401,
      'unauthorized',
      'a forged token',
    );
    refused(
      t,
      await call(stack.url, 'GET', '/admin/ticket-events'),
      404,
      'not_found',
      'the admin API is not outside',
    );
    refused(t, await call(stack.url, 'GET', '/metrics'), 404, 'not_found', 'metrics are not outside');
  });
});
