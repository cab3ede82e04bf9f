import type { EventDefinition } from '@onsale/contracts/sale/event-definition';
import t from 'tap';
import { eventOnSale } from './inventory-fixture.ts';
import { salesToKeep } from './inventory-keeper.ts';

const minute = 60_000;

function practice(holdTtlMs: number): EventDefinition {
  return eventOnSale('practice', {
    sale: { kind: 'windows', everyMs: minute, openForMs: 15_000 },
    holdTtlMs,
  }).event;
}

const roundsAt = (event: EventDefinition, nowMs: number) =>
  salesToKeep(event, nowMs).map((sale) => sale.round - 100);

t.test('of practice rounds: the one before while holds of it can lapse, this one, the next', async (t) => {
  const event = practice(20_000);
  t.same(roundsAt(event, 100 * minute), [0, 1], 'the round before closed 45 s ago');
  t.same(roundsAt(practice(60_000), 100 * minute), [-1, 0, 1]);
  t.same(roundsAt(event, 100 * minute + 59_999), [0, 1]);
});

t.test('an ordinary sale from its publication until a day after the event', async (t) => {
  const { event } = eventOnSale('concert', {
    startsAtMs: 1_000_000_000,
    sale: { kind: 'once', opensAtMs: 500_000_000, closesAtMs: 600_000_000 },
  });
  t.same(
    salesToKeep(event, 0).map((sale) => sale.saleId),
    ['concert.0'],
  );
  t.equal(salesToKeep(event, 1_000_000_000 + 86_399_999).length, 1);
  t.equal(salesToKeep(event, 1_000_000_000 + 86_400_000).length, 0);
});
