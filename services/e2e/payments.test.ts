import t from 'tap';
import { Buyer, call, until } from './buyer.ts';
import { publishEvent, startStack } from './sale-fixture.ts';

t.setTimeout(400_000);

t.test('however a payment goes, it ends as tickets or as a refund', async (t) => {
  const stack = await startStack(t, { environment: { PAYMENT_WAIT_SEC: '10' } });
  const eventId = await publishEvent(stack, { perBuyer: 8 });
  const provider = stack.paymentProviderUrl;
  const behave = (behaviour: string) => call(provider, 'PUT', '/behaviour', { body: { behaviour } });
  const buy = async (seatId: string) => {
    const buyer = new Buyer(stack.url, eventId);
    await buyer.awaitTurn();
    return buyer.buy([seatId]);
  };

  for (const [behaviour, seatId] of [
    ['success', 'R1C1'],
    ['late', 'R1C2'],
    ['duplicate', 'R1C3'],
    ['reordered', 'R1C4'],
    ['twice', 'R1C5'],
  ] as const) {
    await behave(behaviour);
    t.match(await buy(seatId), { order: { status: 'CONFIRMED' } }, behaviour);
  }
  await behave('failure');
  t.match(await buy('R1C6'), { order: { status: 'REJECTED', reason: 'payment_failed' } });
  await behave('manual');
  t.match(await buy('R1C7'), { order: { status: 'REJECTED', reason: 'payment_timeout' } });

  await behave('success');
  const hasty = new Buyer(stack.url, eventId);
  t.equal((await hasty.intent(['R1C8'])).status, 201, 'paid without a hold');
  await until('captured without tickets, it is refunded', 60_000, async () => {
    const { body } = await call(stack.url, 'GET', `/confirm/orders?userId=${hasty.userId}`);
    return body.orders[0]?.status === 'REJECTED';
  });

  // Five tickets of 1,000 each were sold; all else that was captured has gone back.
  await until('captured − refunded = price of live tickets', 60_000, async () => {
    const { body } = await call(provider, 'GET', '/ledger');
    return body.captured - body.refunded === 5000;
  });
  await until('seats of rejected orders are free again', 60_000, async () => {
    const map = await call(stack.url, 'GET', `/public/seats/${eventId}`);
    return map.body.sections[0].seats.startsWith('sssssfff');
  });
});
