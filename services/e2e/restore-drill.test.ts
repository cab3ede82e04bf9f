import { localSecrets } from '@onsale/local/local-secrets';
import type { LocalStack } from '@onsale/local/local-stack';
import { signatureHeader, signBody } from '@onsale/orders/payments/signature';
import pg from 'pg';
import t from 'tap';
import { Buyer, call, until } from './buyer.ts';
import { publishEvent, startStack } from './sale-fixture.ts';

t.setTimeout(400_000);

/** Copies a database under load into another one of the same server; who is connected is cut off meanwhile. */
async function backUp(postgresUrl: string, name: string): Promise<string> {
  const source = new URL(postgresUrl).pathname.slice(1);
  const elsewhere = new URL(postgresUrl);
  elsewhere.pathname = '/template1';
  const client = new pg.Client({ connectionString: elsewhere.href });
  await client.connect();
  await client.query(`alter database ${source} with allow_connections false`);
  await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [source]);
  await until('the database to be copied', 60_000, async () => {
    await client.query(`create database ${name} template ${source}`);
    return true;
  });
  for (const one of [source, name]) await client.query(`alter database ${one} with allow_connections true`);
  await client.end();
  const copy = new URL(postgresUrl);
  copy.pathname = `/${name}`;
  return copy.href;
}

/** The provider's events once more, as its dashboard sends them. */
async function sendEventsAgain(ledger: any, to: LocalStack): Promise<void> {
  for (const { kind, paymentId, intentId, amount } of ledger.entries) {
    if (kind !== 'capture') continue;
    const body = JSON.stringify({ type: 'payment.captured', intentId, paymentId, amount });
    const signature = signBody(localSecrets.paymentWebhookSecret, body, Date.now());
    await until('the event to be taken', 60_000, async () => {
      const headers = { [signatureHeader]: signature };
      return (await call(to.url, 'POST', '/confirm/payment-callback', { body, headers })).status === 200;
    });
  }
}

t.test('from a backup of a sale under way: tickets stand, and nobody’s money is lost', async (t) => {
  const lost = await startStack(t, { environment: { PAYMENT_WAIT_SEC: '5' } });
  const eventId = await publishEvent(lost);
  const [early, between, late] = Array.from({ length: 3 }, () => new Buyer(lost.url, eventId)) as [
    Buyer,
    Buyer,
    Buyer,
  ];
  await Promise.all([early, between, late].map((buyer) => buyer.awaitTurn()));
  const { order } = await early.buy(['R1C1', 'R1C2']);
  t.equal(order.status, 'CONFIRMED');
  t.equal((await between.intent(['R2C1'])).status, 201, 'paid before the backup, bought after it');
  const backup = await backUp(lost.engines.postgresUrl, 'backup');

  await until('a purchase after the backup', 60_000, async () => {
    const sold = await late.buy(['R3C1']);
    return sold.order.status === 'CONFIRMED';
  });
  await between.hold({ seatId: 'R2C1' });
  for (const [service] of lost.replicas.values()) await service!.kill('SIGKILL');

  // Redis, DynamoDB and SQS are new and empty; the provider and its book are what they were.
  const restored = await startStack(t, {
    environment: {
      POSTGRES_URL: backup,
      PAYMENT_PROVIDER_URL: lost.paymentProviderUrl,
      PAYMENT_WAIT_SEC: '5',
      ROOM_TOKEN_KEYS: 'another-room-token-key-0123456789abc',
    },
  });
  const orders = await call(restored.url, 'GET', `/confirm/orders?userId=${early.userId}`);
  t.same(orders.body.orders, [order], 'with their codes, as they were');
  t.match(
    await call(restored.url, 'GET', `/public/room-status?token=${late.roomToken}`),
    { status: 401, body: { error: 'room_expired' } },
    'places given out after the backup are nobody’s',
  );
  const next = new Buyer(restored.url, eventId);
  await next.awaitTurn();
  // The first answer that is not "try again": a buyer who was given the seat would be refused it afterwards, too.
  let answer = await next.hold({ seatId: 'R1C1' });
  await until('seats to be restored', 60_000, async () => {
    if (answer.status === 503) answer = await next.hold({ seatId: 'R1C1' });
    return answer.status !== 503;
  });
  t.match(answer, { status: 409, body: { error: 'seat_already_held_or_sold' } });
  // What was sold after the backup is on sale.
  t.equal((await next.hold({ seatId: 'R3C1' })).status, 200);
  const { intentId } = (await next.intent(['R3C1'])).body;
  const ledgerOf = async () => (await call(lost.paymentProviderUrl, 'GET', '/ledger')).body;
  await until('the new capture to be in the book', 60_000, async () => {
    const { entries } = await ledgerOf();
    return entries.some((entry: { intentId?: string }) => entry.intentId === intentId);
  });
  await sendEventsAgain(await ledgerOf(), restored);
  t.equal((await next.commit(intentId, ['R3C1'], 'commit-after-restore')).status, 202);
  t.equal((await next.awaitOrder('commit-after-restore')).order.status, 'CONFIRMED');
  // Three seats of early and next; everything else goes back.
  const price = 1000;
  await until('all other money to be back', 120_000, async () => {
    const { captured, refunded } = await ledgerOf();
    if (captured - refunded === 3 * price) return true;
    throw new Error(JSON.stringify({ captured, refunded }));
  });
  t.equal(
    (await call(restored.url, 'GET', `/confirm/orders?userId=${early.userId}`)).body.orders[0].status,
    'CONFIRMED',
  );
});
