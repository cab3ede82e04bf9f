import type { TicketEvent } from '@onsale/contracts/ticket-event/ticket-event';
import t from 'tap';
import { planRehearsal } from './plan-rehearsal.ts';

const real: TicketEvent = {
  apiVersion: 'onsale.dev/v1alpha1',
  kind: 'TicketEvent',
  metadata: { name: 'concert' },
  spec: {
    eventId: 'concert',
    title: 'A concert',
    homeRegion: 'local',
    sale: { opensAt: '2030-01-01T00:00:00Z', closesAt: '2030-01-02T00:00:00Z' },
    venue: { currency: 'KRW', sections: [{ id: 'A', rows: 100, seatsPerRow: 90, price: 1000 }] },
    limits: { perBuyer: 2, holdTtl: '90s' },
    waitingRoom: { ratePerSecond: 500, maxActive: 10_000 },
    expected: { peakRps: 20_000 },
    openPolicy: { mode: 'WhenConfirmed' },
  },
};
const opensAtMs = Date.parse('2026-06-01T12:00:00Z');
const options = { scale: 1, buyers: 100_000, opensAtMs, suffix: 'ab12' };
function planOf(event: TicketEvent, change: Partial<typeof options> = {}) {
  const planned = planRehearsal(event, { ...options, ...change });
  if (planned.outcome !== 'planned') throw new Error(planned.problem);
  return planned.plan;
}

t.test('map, prices and limits are the real ones, under a name of its own', async (t) => {
  const { eventId, ticketEventUntil } = planOf(real);
  t.equal(eventId, 'rehearsal-concert-ab12');
  const { spec } = ticketEventUntil(opensAtMs + 60_000);
  t.same(spec.venue, real.spec.venue);
  t.same(spec.limits, real.spec.limits);
  t.same(spec.sale, { opensAt: '2026-06-01T12:00:00.000Z', closesAt: '2026-06-01T12:01:00.000Z' });
  t.notOk(spec.openPolicy, 'the operator has no part in it');
});

t.test('rates are scaled, buyers limited', async (t) => {
  t.match(planOf(real), { buyers: 4800, arrivalsPerSecond: 20_000, ratePerSecond: 500, seatCount: 9000 });
  t.match(planOf(real, { scale: 0.01 }), { buyers: 48, arrivalsPerSecond: 200, ratePerSecond: 5 });
  t.equal(planOf(real, { buyers: 30 }).buyers, 30);
});

t.test('a long name still makes a valid one, and a copy closed early still opens first', async (t) => {
  const long = { ...real, spec: { ...real.spec, eventId: `${'a'.repeat(39)}-${'b'.repeat(23)}` } };
  const plan = planOf(long);
  t.match(plan.eventId, /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
  t.equal(plan.ticketEventUntil(0).spec.sale.closesAt, '2026-06-01T12:00:01.000Z');
});

t.test('without seats there is nothing to play', async (t) => {
  const { venue: _venue, ...spec } = real.spec;
  const unseated = { ...real, spec: { ...spec, generalAdmission: { capacity: 10, price: 1 } } };
  t.match(planRehearsal(unseated, options), { outcome: 'not-playable', problem: /no venue/ });
});
