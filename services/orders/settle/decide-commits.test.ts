import type { CommitMessage } from '@onsale/contracts/queue/commit-message';
import t from 'tap';
import type { OpenOrder } from '../open-order.ts';
import type { LockedIntent } from '../read-intents.ts';
import { decideCommits } from './decide-commits.ts';

type Fields = Partial<Omit<LockedIntent, 'order'>> & { order?: Partial<OpenOrder> | null };

function intentOf(intentId: string, { order, ...fields }: Fields = {}): LockedIntent {
  const base = {
    intentId,
    userId: `buyer of ${intentId}`,
    eventId: 'event-0001',
    saleId: 'event-0001.0',
    seatIds: ['R1C1', 'R1C2'],
    ...fields,
  };
  return {
    amountMinor: 2000,
    currency: 'KRW',
    payingPaymentId: 'pay_1',
    overdue: false,
    eventCancelled: false,
    takenSeatIds: [],
    ...base,
    order:
      order === null
        ? undefined
        : {
            ...base,
            orderId: `order of ${intentId}`,
            status: 'PROCESSING',
            idem: 'key-of-the-commit',
            attempt: 1,
            begun: true,
            refusal: null,
            ...order,
          },
  };
}

const messageOf = (intent: LockedIntent, fields: Partial<CommitMessage['payload']> = {}): CommitMessage => ({
  type: 'COMMIT_ORDER',
  payload: {
    intentId: intent.intentId,
    eventId: intent.eventId,
    seatIds: [...intent.seatIds],
    userId: intent.userId,
    ...fields,
  },
  idem: 'key-of-the-commit',
});

const decide = (intents: LockedIntent[], messages = intents.map((intent) => messageOf(intent))) =>
  decideCommits(messages, new Map(intents.map((intent) => [intent.intentId, intent])));

t.test('paid and begun: confirmed; not paid yet: it waits, once', (t) => {
  t.same(decide([intentOf('a')]).settlements, [{ orderId: 'order of a', status: 'CONFIRMED' }]);
  const unpaid = intentOf('a', { payingPaymentId: null });
  t.same(decide([unpaid]).settlements, [{ orderId: 'order of a', status: 'AWAITING_PAYMENT' }]);
  const waiting = intentOf('a', { payingPaymentId: null, order: { status: 'AWAITING_PAYMENT' } });
  t.same(decide([waiting]).settlements, []);
  t.end();
});

t.test('a batch sells no seat twice, and all seats of an order or none', (t) => {
  const both = decide([intentOf('a'), intentOf('b', { seatIds: ['R1C2', 'R1C3'] })]).settlements;
  t.same(both, [
    { orderId: 'order of a', status: 'CONFIRMED' },
    { orderId: 'order of b', status: 'REJECTED', reason: 'seat_already_sold' },
  ]);
  const otherSale = decide([intentOf('a'), intentOf('b', { saleId: 'event-0001.1' })]).settlements;
  t.same(
    otherSale.map((settlement) => settlement.status),
    ['CONFIRMED', 'CONFIRMED'],
  );
  t.same(decide([intentOf('a', { takenSeatIds: ['R1C2'] })]).settlements, [
    { orderId: 'order of a', status: 'REJECTED', reason: 'seat_already_sold' },
  ]);
  t.end();
});

t.test('a rejection found out under way wins, even over a capture', (t) => {
  const refused = intentOf('a', { order: { refusal: 'amount_mismatch' } });
  t.same(decide([refused]).settlements, [
    { orderId: 'order of a', status: 'REJECTED', reason: 'amount_mismatch' },
  ]);
  t.end();
});

t.test('what has ended, or came twice, changes nothing', (t) => {
  for (const status of ['CONFIRMED', 'REJECTED', 'CANCELLED'] as const) {
    t.same(decide([intentOf('a', { order: { status } })]), { settlements: [], unbegun: [], unclaimed: [] });
  }
  const intent = intentOf('a');
  t.equal(decide([intent], [messageOf(intent), messageOf(intent)]).settlements.length, 1);
  t.end();
});

t.test('without the proof that the hold does not lapse nothing is settled', (t) => {
  const unbegun = intentOf('a', { order: { begun: false } });
  t.same(decide([unbegun]), { settlements: [], unbegun: ['a'], unclaimed: [] });
  t.end();
});

t.test('another key for the same order is claimed as well; ours for a capture is not', (t) => {
  const intent = intentOf('a');
  const other = { ...messageOf(intent), idem: 'another-key' };
  t.match(decide([intent], [other]), { settlements: [{ status: 'CONFIRMED' }], unclaimed: [other] });
  t.same(decide([intent], [{ ...other, idem: 'capture-a' }]).unclaimed, []);
  t.end();
});

t.test('a message that is not about its intent’s order has to be claimed', (t) => {
  const intent = intentOf('a');
  for (const fields of [
    { intentId: 'nobody-made-it' },
    { userId: 'mallory' },
    { eventId: 'event-0002' },
    { seatIds: ['R1C1'] },
  ]) {
    const message = messageOf(intent, fields);
    t.same(decide([intent], [message]), { settlements: [], unbegun: [], unclaimed: [message] });
  }
  const orderless = intentOf('a', { order: null });
  t.same(decide([orderless]).unclaimed, [messageOf(orderless)]);
  const reordered = messageOf(intent, { seatIds: ['R1C2', 'R1C1'] });
  t.equal(decide([intent], [reordered]).settlements.length, 1, 'the order of seats does not matter');
  t.end();
});
