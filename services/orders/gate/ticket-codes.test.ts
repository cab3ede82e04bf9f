import t from 'tap';
import { createTicketCodes } from './ticket-codes.ts';

const oldKey = 'an-old-ticket-key-of-32-characters';
const newKey = 'a-new-ticket-key-of-32-characters!';
const ticketId = 'tkt_0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d';

t.test('a code names its ticket, and nothing but that code does', async (t) => {
  const codes = createTicketCodes([oldKey]);
  const code = codes.codeOf(ticketId);
  t.match(code, /^OT1\.[\w-]{6}\.[\w-]{22}\.[\w-]{22}$/);
  t.equal(codes.ticketIdOf(code), ticketId);
  for (let index = 0; index < code.length; index++) {
    for (const other of ['A', 'B', '.', ' ']) {
      if (code[index] === other) continue;
      const altered = code.slice(0, index) + other + code.slice(index + 1);
      t.equal(codes.ticketIdOf(altered), undefined, altered);
    }
  }
  for (const text of ['', ticketId, `${code}.`, ` ${code}`, code.slice(0, -1), 'OT1...']) {
    t.equal(codes.ticketIdOf(text), undefined, text);
  }
});

t.test('a code names its reservation of unseated tickets, and nothing but that code does', async (t) => {
  const codes = createTicketCodes([oldKey]);
  const code = codes.codeOf('res_907');
  t.match(code, /^OR1\.[\w-]{6}\.907\.[\w-]{22}$/);
  t.equal(codes.ticketIdOf(code), 'res_907');
  for (const other of [code.replace('907', '908'), code.replace('907', '0907'), code.replace('OR1', 'OT1')]) {
    t.equal(codes.ticketIdOf(other), undefined, other);
  }
  for (const id of ['res_0', 'res_1.5', 'res_']) t.throws(() => codes.codeOf(id), id);
});

t.test('a replaced key still verifies, one taken out does not, whatever their order', async (t) => {
  const code = createTicketCodes([oldKey]).codeOf(ticketId);
  t.equal(createTicketCodes([newKey, oldKey]).ticketIdOf(code), ticketId);
  t.not(createTicketCodes([newKey, oldKey]).codeOf(ticketId), code, 'the first signs');
  t.equal(createTicketCodes([newKey]).ticketIdOf(code), undefined);
});

t.test('without a key, or for what is no ticket, no code is made', async (t) => {
  t.throws(() => createTicketCodes([]));
  t.throws(() => createTicketCodes([oldKey]).codeOf('ord_1'));
});

t.test('a ticket in somebody’s pocket stays one over releases', (t) => {
  const codes = createTicketCodes(['a-released-ticket-key-0123456789abcdef']);
  t.equal(
    codes.ticketIdOf('OT1.Tofx4j.AAAAAAAAQACAAAAAAAAAAQ.1a9XIEnTD-xDMyGv4No6EQ'),
    'tkt_00000000-0000-4000-8000-000000000001',
  );
  t.end();
});
