import t from 'tap';
import { storeCancellation } from '../catalogue/store-cancellation.ts';
import { startTestBed } from '../test-bed.ts';
import { checkTicket } from './check-ticket.ts';
import { createTicketCodes } from './ticket-codes.ts';

t.setTimeout(120_000);

const bed = await startTestBed(t);
const { pool, orders, eventId } = bed;
const codes = createTicketCodes(['a-ticket-key-of-some-32-characters']);
await pool.query(
  `insert into events (event_id, title, home_region, time_zone, ticket_event) values ($1, 'Test', 'local', 'UTC', '{}')`,
  [eventId],
);

async function soldOrder(seatCount: number) {
  const buyer = bed.buyer();
  const seatIds = bed.freeSeats(seatCount);
  buyer.hold(seatIds);
  const { intentId, amountMinor } = await buyer.intent(seatIds);
  await buyer.capture(intentId, amountMinor);
  const message = buyer.commitMessage(intentId, seatIds);
  await orders.commits.accept(message);
  await orders.drain();
  await orders.processor.process([JSON.stringify(message)]);
  await orders.drain();
  const { order } = await buyer.status(message.idem);
  return { ...order!, codes: order!.tickets.map((ticket) => codes.codeOf(ticket.ticketId)) };
}

const check = (code: string, gate = 'north', ofEvent: string | undefined = eventId) =>
  checkTicket({ pool, codes }, { code, eventId: ofEvent, gate });

t.test('twenty gates at once let one in, and tell the others when and where', async (t) => {
  const order = await soldOrder(1);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => check(order.codes[0]!, `gate ${index}`)),
  );
  const admitted = answers.filter(({ outcome }) => outcome === 'admitted');
  t.equal(admitted.length, 1);
  const [{ outcome, ...entry }] = admitted as [(typeof admitted)[number]];
  t.match(entry, { ticketId: order.tickets[0]!.ticketId, eventId, seatId: order.seatIds[0] });
  for (const answer of answers) {
    if (answer !== admitted[0]) t.same(answer, { outcome: 'already-admitted', ...entry });
  }
  t.same(await check(order.codes[0]!, 'later'), { outcome: 'already-admitted', ...entry });
});

t.test('a ticket won in a practice round lets nobody in, at whatever gate', async (t) => {
  const order = await soldOrder(1);
  await pool.query('update tickets set sale_id = $1 where order_id = $2', [`${eventId}.7`, order.orderId]);
  for (const ofEvent of [eventId, undefined]) {
    t.same(await check(order.codes[0]!, 'north', ofEvent), { outcome: 'not-valid', reason: 'other-event' });
  }
});

t.test('what is no live ticket of the event lets nobody in', async (t) => {
  const order = await soldOrder(2);
  const [kept, given] = order.codes as [string, string];
  t.same(await check('OT1.abcdef.x.y'), { outcome: 'not-valid', reason: 'unknown' });
  t.same(await check(codes.codeOf('tkt_00000000-0000-4000-8000-000000000000')), {
    outcome: 'not-valid',
    reason: 'unknown',
  });
  t.same(await check(kept, 'north', 'another-event'), { outcome: 'not-valid', reason: 'other-event' });
  const ticketIds = [order.tickets[1]!.ticketId];
  await orders.cancelOrder({ orderId: order.orderId, userId: order.userId, ticketIds });
  t.same(await check(given), { outcome: 'not-valid', reason: 'cancelled' });
  t.match(await check(kept, 'north', undefined), { outcome: 'admitted' }, 'and the other still is one');
});

t.test('who came in gets no money back, and who gets money back does not come in', async (t) => {
  for (let round = 0; round < 10; round++) {
    const order = await soldOrder(1);
    const [entry, cancelled] = await Promise.all([
      check(order.codes[0]!),
      orders.cancelOrder({ orderId: order.orderId, userId: order.userId }),
    ]);
    const came = entry.outcome === 'admitted';
    t.equal(cancelled.outcome, came ? 'ticket-used' : 'cancelled', entry.outcome);
    if (!came) t.same(entry, { outcome: 'not-valid', reason: 'cancelled' });
  }
});

t.test('a cancelled event lets nobody in', async (t) => {
  const order = await soldOrder(1);
  await storeCancellation(pool, eventId, 'flood');
  t.same(await check(order.codes[0]!), { outcome: 'not-valid', reason: 'cancelled' });
});
