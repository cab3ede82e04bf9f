import t from 'tap';
import { startTestBed, until } from './test-bed.ts';

const bed = await startTestBed(t);

t.test('held, priced, paid and committed: tickets, and the stores know', async (t) => {
  const buyer = bed.buyer();
  const seatIds = bed.freeSeats(2);
  t.ok(buyer.hold(seatIds));
  const intent = await buyer.intent(seatIds);
  t.equal(intent.amountMinor, 2000);
  const key = await buyer.commit(intent.intentId, seatIds);
  t.match(await buyer.status(key), {
    order: { status: 'PROCESSING', reason: null },
    payment: { status: 'PENDING' },
  });
  await buyer.capture(intent.intentId, intent.amountMinor);
  await bed.workOff();
  t.match(await buyer.status(key), {
    order: {
      intentId: intent.intentId,
      status: 'CONFIRMED',
      amount: 2000,
      currency: 'KRW',
      tickets: seatIds.map((seatId) => ({ seatId, status: 'VALID' })),
    },
    payment: { status: 'CAPTURED', amount: 2000, refunded: 0 },
  });
  await until('the seats to be sold', async () => bed.seats.stateOf(bed.saleId, seatIds[1]!) === 'sold');
});
