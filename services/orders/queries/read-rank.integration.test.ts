import { randomUUID } from 'node:crypto';
import t from 'tap';
import { startTestBed } from '../test-bed.ts';
import { readRank } from './read-rank.ts';

const bed = await startTestBed(t);
const { pool, orders } = bed;
const { event } = bed.published;
const rounds = {
  ...bed.published,
  event: { ...event, sale: { kind: 'windows', everyMs: 60_000, openForMs: 15_000 } as const },
};
const practice = { pool, catalogue: { find: async () => rounds } };

async function confirmedOrder(buyer = bed.buyer()) {
  const seatIds = bed.freeSeats(1);
  buyer.hold(seatIds);
  const { intentId, amountMinor } = await buyer.intent(seatIds);
  await buyer.capture(intentId, amountMinor);
  const message = buyer.commitMessage(intentId, seatIds);
  await orders.commits.accept(message);
  await orders.drain();
  await orders.processor.process([JSON.stringify(message)]);
  await orders.drain();
  const { order } = await buyer.status(message.idem);
  return { orderId: order!.orderId, userId: buyer.userId };
}

t.test('orders of a practice round are ranked by when they had their tickets', async (t) => {
  const first = await confirmedOrder();
  t.match(await readRank(practice, first), { rank: { others: 0, faster: 0, percentile: 100 } }, 'alone');
  const second = await confirmedOrder();
  const third = await confirmedOrder();
  const ranks = [];
  for (const order of [first, second, third]) ranks.push(await readRank(practice, order));
  t.match(ranks, [
    { outcome: 'ranked', rank: { others: 2, faster: 0, percentile: 100, saleId: bed.saleId } },
    { outcome: 'ranked', rank: { others: 2, faster: 1, percentile: 50 } },
    { outcome: 'ranked', rank: { others: 2, faster: 2, percentile: 0 } },
  ]);
  const taken = ranks.map((answer) => (answer.outcome === 'ranked' ? answer.rank.takenMs : 0));
  t.same(
    taken,
    taken.toSorted((a, b) => a - b),
  );

  for (const answer of ranks) {
    if (answer.outcome !== 'ranked') continue;
    const { chosenMs, paidMs, takenMs } = answer.rank;
    t.ok(chosenMs > 0 && chosenMs <= paidMs && paidMs <= takenMs, `${chosenMs} ≤ ${paidMs} ≤ ${takenMs}`);
  }

  await confirmedOrder(bed.buyer(`bot-${randomUUID()}`));
  t.match(
    [await readRank(practice, first), await readRank(practice, third)],
    [
      { rank: { others: 3, otherBots: 1, faster: 0, fasterBots: 0 } },
      { rank: { others: 3, otherBots: 1, faster: 2, fasterBots: 0 } },
    ],
    'bots are told from people',
  );
  const last = await confirmedOrder();
  t.match(await readRank(practice, last), { rank: { others: 4, otherBots: 1, faster: 4, fasterBots: 1 } });
  await orders.cancelOrder(last);

  await orders.cancelOrder(first);
  t.match(
    await readRank(practice, third),
    { rank: { others: 2, otherBots: 1, faster: 1 } },
    'who gave back is out of the race',
  );
  t.match(await readRank(practice, first), { outcome: 'ranked' }, 'and may still see their own time');
});

t.test('no rank for another buyer, an unknown order, or an ordinary sale', async (t) => {
  const order = await confirmedOrder();
  t.same(await readRank(practice, { ...order, userId: 'mallory' }), { outcome: 'not-owner' });
  t.same(await readRank(practice, { ...order, orderId: 'ord_none' }), { outcome: 'unknown-order' });
  t.same(await orders.readRank(order), { outcome: 'not-ranked' });
});
