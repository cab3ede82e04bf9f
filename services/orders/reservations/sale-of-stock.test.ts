import { defineEvent } from '@onsale/contracts/ticket-event/define-event';
import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import { SeatMap } from '@onsale/contracts/sale/seat-map';
import type { TicketEvent } from '@onsale/contracts/ticket-event/ticket-event';
import t from 'tap';
import { saleOfCreated, saleOfPublished } from './sale-of-stock.ts';

const opensAtMs = Date.parse('2027-01-01T10:00:00Z');
const closesAtMs = Date.parse('2027-01-02T10:00:00Z');

function published(spec: Partial<TicketEvent['spec']> = {}): PublishedEvent {
  const defined = defineEvent({
    apiVersion: 'onsale.dev/v1alpha1',
    kind: 'TicketEvent',
    metadata: { name: 'ga' },
    spec: {
      eventId: 'ga',
      title: 'Open air',
      homeRegion: 'local',
      sale: { opensAt: new Date(opensAtMs).toISOString(), closesAt: new Date(closesAtMs).toISOString() },
      generalAdmission: { capacity: 100, price: 1 },
      ...spec,
    },
  });
  if (defined.outcome === 'invalid') throw new Error(defined.problems.join());
  return { event: defined.event, seatMap: new SeatMap(defined.event.sections), number: 7 };
}

t.test('a published event sells from the second it opens to the second it closes', (t) => {
  t.match(saleOfPublished(published(), opensAtMs - 1), {
    outcome: 'sale-not-open',
    reason: 'The sale opens at 2027-01-01T10:00:00.000Z',
  });
  t.same(saleOfPublished(published(), opensAtMs), {
    outcome: 'open',
    stock: { saleId: 'ga.0', eventNumber: 7, capacity: 100, perBuyer: 4 },
    closesAtMs,
  });
  t.match(saleOfPublished(published(), closesAtMs - 1), { outcome: 'open' });
  t.match(saleOfPublished(published(), closesAtMs), { outcome: 'sale-not-open', reason: 'The sale is over' });
  t.match(saleOfPublished(published({ suspend: true }), opensAtMs), { outcome: 'sale-not-open' });
  t.end();
});

t.test('each practice round has its own stock', (t) => {
  const practice = published({ sale: { windows: { every: '1m', openFor: '15s' } } });
  t.match(saleOfPublished(practice, 600_000), {
    outcome: 'open',
    stock: { saleId: 'ga.10' },
    closesAtMs: 615_000,
  });
  t.match(saleOfPublished(practice, 615_000), { outcome: 'sale-not-open' });
  t.match(saleOfPublished(practice, 660_000), { outcome: 'open', stock: { saleId: 'ga.11' } });
  t.end();
});

t.test('an event with numbered seats has no stock', (t) => {
  const event = published({
    generalAdmission: undefined,
    venue: { currency: 'KRW', sections: [{ id: 'A', rows: 1, seatsPerRow: 1, price: 1 }] },
  });
  t.same(saleOfPublished(event, opensAtMs), { outcome: 'seated' });
  t.end();
});

t.test('a created event sells until it begins, without a limit', (t) => {
  const created = {
    number: 3,
    eventId: 'api-3',
    title: 'Fair',
    homeRegion: 'local',
    timeZone: 'Asia/Seoul',
    startsAtMs: closesAtMs,
    capacity: 10,
    priceMinor: 0,
  };
  t.same(saleOfCreated(created, closesAtMs - 1), {
    outcome: 'open',
    stock: { saleId: 'api-3.0', eventNumber: 3, capacity: 10, perBuyer: null },
    closesAtMs,
  });
  t.match(saleOfCreated(created, closesAtMs), { outcome: 'sale-not-open' });
  t.end();
});
