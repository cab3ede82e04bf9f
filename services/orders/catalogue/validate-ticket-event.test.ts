import t from 'tap';
import { validateTicketEvent } from './validate-ticket-event.ts';

const good = () => ({
  apiVersion: 'onsale.dev/v1alpha1',
  kind: 'TicketEvent',
  metadata: { name: 'event-0001' },
  spec: {
    eventId: 'event-0001',
    title: 'Harbour Lights',
    sale: { opensAt: '2027-01-01T10:00:00+09:00', closesAt: '2027-01-02T10:00:00+09:00' },
    venue: { sections: [{ id: 'A', rows: 10, seatsPerRow: 12, price: 165_000 }] },
  } as Record<string, unknown>,
});

const problemsOf = (document: unknown) => {
  const validated = validateTicketEvent(document);
  return validated.outcome === 'invalid' ? validated.problems : undefined;
};

t.test('defaults are filled in, and what Kubernetes adds is left out', (t) => {
  const document = {
    ...good(),
    metadata: { name: 'event-0001', namespace: 'sales', uid: '7', generation: 3 },
    status: { phase: 'Warm' },
  };
  const validated = validateTicketEvent(document);
  t.match(validated, {
    outcome: 'valid',
    ticketEvent: { metadata: { name: 'event-0001' }, spec: { homeRegion: 'local', timeZone: 'Asia/Seoul' } },
    event: { currency: 'KRW', perBuyer: 4, holdTtlMs: 180_000 },
  });
  t.notMatch(validated, { ticketEvent: { status: Object } });
  t.notMatch(validated, { ticketEvent: { metadata: { uid: '7' } } });
  t.equal(document.spec['homeRegion'], undefined, 'the caller keeps its document as it was');
  t.end();
});

t.test('every problem is named, with its path', (t) => {
  const document = good();
  Object.assign(document.spec, {
    eventId: 'Event 1',
    title: '',
    sale: { opensAt: 'soon', closesAt: '2027-02-30T10:00:00Z', at: 1, until: 2 },
    venue: { sections: [{ id: 'A', rows: 0 }] },
    openPolicy: { mode: 'Later' },
    limits: { perBuyer: '4' },
    suspend: 'yes',
  });
  t.same(problemsOf(document)!.toSorted(), [
    'spec.eventId: must match pattern "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"',
    'spec.limits.perBuyer: must be integer',
    'spec.openPolicy.mode: must be "OnTime" or "WhenConfirmed"',
    'spec.sale.at: there is no such field',
    'spec.sale.closesAt: must match format "date-time"',
    'spec.sale.opensAt: must match format "date-time"',
    'spec.sale.until: there is no such field',
    'spec.suspend: must be boolean',
    'spec.title: must not have fewer than 1 characters',
    'spec.venue.sections.0.price: is missing',
    'spec.venue.sections.0.rows: must be >= 1',
    'spec.venue.sections.0.seatsPerRow: is missing',
  ]);
  t.end();
});

t.test('so are relations between fields', (t) => {
  const document = good();
  Object.assign(document.spec, {
    sale: { opensAt: '2027-01-02T10:00:00Z', closesAt: '2027-01-01T10:00:00Z' },
    generalAdmission: { capacity: 1, price: 1 },
  });
  t.same(problemsOf(document), [
    'spec.sale.closesAt: must be after opensAt',
    'spec: exactly one of venue and generalAdmission is needed',
  ]);
  t.end();
});

t.test('a leap second has the form of an instant and is none', (t) => {
  const document = good();
  document.spec['startsAt'] = '2027-01-02T23:59:60Z';
  t.same(problemsOf(document), ['spec.startsAt: is no instant']);
  t.end();
});

t.test('what is no document at all is refused', (t) => {
  for (const document of [undefined, null, 1, 'TicketEvent', [], {}, { kind: 'Pod' }]) {
    t.ok(problemsOf(document)!.length > 0, JSON.stringify(document));
  }
  t.end();
});
