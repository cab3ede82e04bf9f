import { randomUUID } from 'node:crypto';
import t from 'tap';
import { Buyer, call, until, type Answer } from './buyer.ts';
import { publishEvent, startStack } from './sale-fixture.ts';

// An emulator that dies may take an acknowledged message along; such a message is sent again after two minutes.
t.setTimeout(600_000);

/** 503 with Retry-After and the contract's body. */
const unavailable = (answer: Answer) =>
  answer.status === 503 &&
  Number(answer.headers['retry-after']) > 0 &&
  Object.keys(answer.body).sort().join() === 'error,message';

t.test('an engine that dies means 503 with Retry-After, and nothing is restarted to recover', async (t) => {
  const stack = await startStack(t);
  const eventId = await publishEvent(stack, {
    sections: [{ id: 'A', rows: 10, seatsPerRow: 10, price: 1000 }],
    holdTtl: '3m',
  });
  const buyer = new Buyer(stack.url, eventId);
  await buyer.awaitTurn();
  const sold = await buyer.buy(['R1C1']);
  t.equal(sold.order.status, 'CONFIRMED');
  const held = await buyer.hold({ seatId: 'R1C2' });
  t.equal(held.status, 200);

  await t.test('Redis: emptied by the crash, rebuilt from lock items and tickets', async (t) => {
    await stack.engines.kill('redis', 'SIGKILL');
    t.ok(unavailable(await buyer.hold({ seatId: 'R1C3' })), 'a hold');
    t.ok(unavailable(await new Buyer(stack.url, eventId).enter()), 'entering');
    t.equal((await buyer.roomStatus()).status, 200, 'room-status needs no engine');
    await stack.engines.start('redis');
    const rival = new Buyer(stack.url, eventId);
    await rival.awaitTurn(60_000);
    await until('selling goes on', 60_000, async () => (await rival.hold({ seatId: 'R1C4' })).status === 200);
    t.match(await rival.hold({ seatId: 'R1C1' }), { status: 409 }, 'the sold seat is still sold');
    t.match(await rival.hold({ seatId: 'R1C2' }), { status: 409 }, 'the held seat is still held');
    t.match(
      await buyer.release('R1C2', { holdId: held.body.holdId }),
      { body: { released: true } },
      'its holder still has it',
    );
  });

  await t.test('DynamoDB: the hold is refused and the seat stays free', async (t) => {
    await stack.engines.kill('dynamodb', 'SIGKILL');
    const answer = await buyer.hold({ seatId: 'R2C1' });
    t.ok(unavailable(answer), JSON.stringify(answer.body));
    await stack.engines.start('dynamodb');
    await stack.createTableAndQueues();
    await until('the same seat is held', 60_000, async () => {
      return (await buyer.hold({ seatId: 'R2C1' })).status === 200;
    });
  });

  await t.test('PostgreSQL: intents and commits are refused, then work again', async (t) => {
    const shopper = new Buyer(stack.url, eventId);
    await shopper.awaitTurn();
    const intent = await shopper.intent(['R3C1']);
    t.equal(intent.status, 201);
    await stack.engines.kill('postgres', 'SIGKILL');
    t.ok(unavailable(await shopper.intent(['R3C1'])), 'an intent');
    t.ok(
      unavailable(await shopper.commit(intent.body.intentId, ['R3C1'], `key-${randomUUID()}`)),
      'a commit',
    );
    t.match(await call(stack.url, 'GET', '/api/health'), {
      status: 503,
      body: { status: 'DOWN', redis: 'connected' },
    });
    await stack.engines.start('postgres');
    await until('an intent works again', 60_000, async () => (await shopper.intent(['R3C1'])).status === 201);
    // Another service's: it may find out later than the one that took the intent.
    await until('all is well', 60_000, async () => {
      const { status, body } = await call(stack.url, 'GET', '/api/health');
      return status === 200 && body.status === 'UP';
    });
  });

  await t.test('SQS: a commit accepted meanwhile is decided once the queue is back', async (t) => {
    const shopper = new Buyer(stack.url, eventId);
    await shopper.awaitTurn();
    await until(
      'the seat is held',
      60_000,
      async () => (await shopper.hold({ seatId: 'R4C1' })).status === 200,
    );
    await stack.engines.kill('sqs', 'SIGKILL');
    let intent = await shopper.intent(['R4C1']);
    await until('the intent is taken', 60_000, async () => {
      // A connection that PostgreSQL's death broke may only be found out now.
      if (intent.status !== 201) intent = await shopper.intent(['R4C1']);
      return intent.status === 201;
    });
    const key = `key-${randomUUID()}`;
    const committed = await shopper.commit(intent.body.intentId, ['R4C1'], key);
    t.ok(committed.status === 202 || unavailable(committed), JSON.stringify(committed.body));
    await stack.engines.start('sqs');
    await stack.createTableAndQueues();
    if (committed.status !== 202) {
      await until('the commit is accepted', 60_000, async () => {
        return (await shopper.commit(intent.body.intentId, ['R4C1'], key)).status === 202;
      });
    }
    t.match((await shopper.awaitOrder(key, 170_000)).order, { status: 'CONFIRMED' });
  });
});
