import t from 'tap';
import { storeCancellation } from '../catalogue/store-cancellation.ts';
import { generalAdmission, startTestBed } from '../reservations/test-bed.ts';
import { checkTicket } from './check-ticket.ts';
import { createTicketCodes } from './ticket-codes.ts';

t.setTimeout(120_000);

const bed = await startTestBed(t);
const { pool, catalogue, reservations } = await bed.startProcess();
const codes = createTicketCodes(['a-ticket-key-of-some-32-characters']);
const eventId = 'open-air';
// Each reservation has a buyer of its own, so that what one may have is no matter here.
let buyers = 0;
await catalogue.publishEvent(generalAdmission(eventId, { capacity: 1000 }));
await catalogue.refresh();

async function taken(quantity: number) {
  const userId = `buyer-${buyers++}`;
  const answer = await reservations.reserve({ eventKey: eventId, userId, quantity });
  if (answer.outcome !== 'reserved') throw new Error(answer.outcome);
  const { id } = answer.reservation;
  return { id, userId, code: codes.codeOf(`res_${id}`) };
}

const check = (code: string, gate = 'north', ofEvent: string | undefined = undefined) =>
  checkTicket({ pool, codes }, { code, eventId: ofEvent, gate });

t.test('twenty gates at once let a reservation in once, all of it', async (t) => {
  const { id, code } = await taken(3);
  const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => check(code, `gate ${index}`)));
  const admitted = answers.filter(({ outcome }) => outcome === 'admitted');
  t.equal(admitted.length, 1);
  const [{ outcome, ...entry }] = admitted as [(typeof admitted)[number]];
  t.match(entry, { ticketId: `res_${id}`, eventId, seatId: '', quantity: 3 });
  for (const answer of answers) {
    if (answer !== admitted[0]) t.same(answer, { outcome: 'already-admitted', ...entry });
  }
});

t.test('of another event, of a practice round, or of no reservation: nobody comes in', async (t) => {
  const { id, code } = await taken(1);
  t.same(await check(code, 'north', 'another-event'), { outcome: 'not-valid', reason: 'other-event' });
  t.same(await check(codes.codeOf('res_999999999')), { outcome: 'not-valid', reason: 'unknown' });
  const { rows } = await pool.query<{ sale_id: string }>(
    `insert into stock (sale_id, event_number, capacity, sold)
     select split_part(sale_id, '.', 1) || '.7', event_number, capacity, 1 from stock
     where sale_id = (select sale_id from reservations where id = $1) returning sale_id`,
    [id],
  );
  await pool.query('update reservations set sale_id = $2 where id = $1', [id, rows[0]!.sale_id]);
  t.same(await check(code), { outcome: 'not-valid', reason: 'other-event' });
});

t.test('who came in gives nothing back, and who gave it back does not come in', async (t) => {
  for (let round = 0; round < 20; round++) {
    const { id, userId, code } = await taken(2);
    const [entry, cancelled] = await Promise.all([check(code), reservations.cancel(id, userId)]);
    const came = entry.outcome === 'admitted';
    t.equal(cancelled.outcome, came ? 'ticket-used' : 'cancelled', entry.outcome);
    if (!came) t.same(entry, { outcome: 'not-valid', reason: 'cancelled' });
  }
});

t.test('a cancelled event lets nobody in', async (t) => {
  const { code } = await taken(1);
  t.equal(await storeCancellation(pool, eventId, 'flood'), 'cancelled');
  t.same(await check(code), { outcome: 'not-valid', reason: 'cancelled' });
});
