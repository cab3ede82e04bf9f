import { defineEvent } from '@onsale/contracts/ticket-event/define-event';
import type { TicketEvent } from '@onsale/contracts/ticket-event/ticket-event';
import t from 'tap';
import { immutableField } from './immutable-field.ts';

type Spec = TicketEvent['spec'];

const sections = [
  { id: 'A', rows: 10, seatsPerRow: 12, price: 165_000 },
  { id: 'B', rows: 10, seatsPerRow: 12, price: 99_000 },
] as const;

const seated: Spec = {
  eventId: 'event-0001',
  title: 'Harbour Lights',
  homeRegion: 'ap-northeast-1',
  sale: { opensAt: '2027-01-01T10:00:00Z', closesAt: '2027-01-02T10:00:00Z' },
  venue: {
    currency: 'KRW',
    sections: [...sections],
  },
};
const [sectionA, sectionB] = sections;

const { venue: _venue, ...withoutVenue } = seated;
const standing: Spec = { ...withoutVenue, generalAdmission: { capacity: 100, price: 50_000 } };
const practice: Spec = { ...seated, sale: { windows: { every: '1m', openFor: '15s' } } };

function define(spec: Spec) {
  const defined = defineEvent({
    apiVersion: 'onsale.dev/v1alpha1',
    kind: 'TicketEvent',
    metadata: { name: spec.eventId },
    spec,
  });
  if (defined.outcome === 'invalid') throw new Error(defined.problems.join());
  return defined.event;
}

const venue = (...changed: NonNullable<Spec['venue']>['sections']): Spec => ({
  ...seated,
  venue: { currency: 'KRW', sections: changed },
});

t.test('identity, venue, stock and price stay as they were published', (t) => {
  const cases: [string, Spec, Spec][] = [
    ['spec.eventId', seated, { ...seated, eventId: 'event-0002' }],
    ['spec.homeRegion', seated, { ...seated, homeRegion: 'ap-northeast-2' }],
    ['spec.venue.currency', seated, { ...seated, venue: { currency: 'JPY', sections: [...sections] } }],
    ['spec.venue.sections', seated, venue(sectionA)],
    ['spec.venue.sections.1.id', seated, venue(sectionA, { ...sectionB, id: 'C' })],
    ['spec.venue.sections.0.id', seated, venue(sectionB, sectionA)],
    ['spec.venue.sections.1.rows', seated, venue(sectionA, { ...sectionB, rows: 11 })],
    ['spec.venue.sections.0.seatsPerRow', seated, venue({ ...sectionA, seatsPerRow: 11 }, sectionB)],
    ['spec.venue.sections.1.price', seated, venue(sectionA, { ...sectionB, price: 1 })],
    ['spec.generalAdmission', seated, standing],
    ['spec.generalAdmission', standing, seated],
    [
      'spec.generalAdmission.capacity',
      standing,
      { ...standing, generalAdmission: { capacity: 99, price: 50_000 } },
    ],
    ['spec.generalAdmission.price', standing, { ...standing, generalAdmission: { capacity: 100, price: 1 } }],
    ['spec.sale.windows', seated, practice],
    [
      'spec.sale.windows.every',
      practice,
      { ...practice, sale: { windows: { every: '2m', openFor: '15s' } } },
    ],
  ];
  for (const [field, published, next] of cases) {
    t.equal(immutableField(define(published), define(next)), field, field);
  }
  t.end();
});

t.test('times, limits, rates, title and suspend may change', (t) => {
  const next: Spec = {
    ...seated,
    title: 'Harbour Lights, second night',
    startsAt: '2027-02-01T10:00:00Z',
    sale: { opensAt: '2027-01-05T10:00:00Z', closesAt: '2027-01-06T10:00:00Z' },
    limits: { perBuyer: 2, holdTtl: '5m' },
    waitingRoom: { ratePerSecond: 900, maxActive: 5 },
    suspend: true,
    expected: { peakRps: 9 },
  };
  t.equal(immutableField(define(seated), define(next)), undefined);
  t.equal(
    immutableField(
      define(practice),
      define({ ...practice, sale: { windows: { every: '1m', openFor: '20s' } } }),
    ),
    undefined,
  );
  t.end();
});
