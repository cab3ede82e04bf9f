import t from 'tap';
import { defineEvent } from './define-event.ts';

const define = (...wheelchairSpaces: { space: string; companion: string }[]) =>
  defineEvent({
    apiVersion: 'onsale.dev/v1alpha1',
    kind: 'TicketEvent',
    metadata: { name: 'event-0001' },
    spec: {
      eventId: 'event-0001',
      title: 'A concert',
      homeRegion: 'local',
      sale: { opensAt: '2027-01-01T10:00:00Z', closesAt: '2027-01-02T10:00:00Z' },
      venue: {
        currency: 'KRW',
        sections: [
          { id: 'A', rows: 2, seatsPerRow: 5, price: 1 },
          { id: 'B', rows: 2, seatsPerRow: 5, price: 1, wheelchairSpaces },
        ],
      },
    },
  });

t.test('a wheelchair space and its companion seat are neighbours in a row of their section', async (t) => {
  const pair = { space: 'R3C1', companion: 'R3C2' };
  t.match(define(pair, { space: 'R4C5', companion: 'R4C4' }), {
    outcome: 'defined',
    event: { sections: [{}, { wheelchairSpaces: [pair, {}] }] },
  });
  for (const [space, companion, says] of [
    ['R3C1', 'R3C3', 'a companion seat is beside its space'],
    ['R3C5', 'R4C1', 'a companion seat is beside its space'],
    ['R2C1', 'R2C2', 'both must be seats of the section'],
    ['R3C6', 'R3C5', 'both must be seats of the section'],
  ] as const) {
    t.same(define({ space, companion }), {
      outcome: 'invalid',
      problems: [`spec.venue.sections: B: ${space} and ${companion}: ${says}`],
    });
  }
  t.match(define(pair, { space: 'R3C3', companion: 'R3C2' }), {
    problems: ['spec.venue.sections: B: R3C3 and R3C2: a seat is named once'],
  });
});
