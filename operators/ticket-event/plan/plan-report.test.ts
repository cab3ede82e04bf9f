import t from 'tap';
import { planReport, planTable } from './plan-report.ts';
import type { TicketEventResource } from './ticket-event-resource.ts';

function event(name: string, opensAt: string, spec: object = {}): TicketEventResource {
  return {
    apiVersion: 'onsale.dev/v1alpha1',
    kind: 'TicketEvent',
    metadata: { name, namespace: 'shop' },
    spec: {
      eventId: name,
      title: name,
      homeRegion: 'ap-northeast-1',
      sale: { opensAt, closesAt: '2027-03-02T00:00:00Z' },
      generalAdmission: { capacity: 1000, price: 1000 },
      expected: { peakRps: 40_000 },
      targets: [
        {
          ref: { kind: 'HorizontalPodAutoscaler', name: 'public-api' },
          rpsPerPod: 800,
          headroomPercent: 25,
          ceiling: 500,
        },
      ],
      dependencies: { aurora: { clusterId: 'onsale', minCapacity: 32 } },
      prewarm: { readyBefore: '10m' },
      ...spec,
    },
  } as TicketEventResource;
}
function report(...events: TicketEventResource[]) {
  const planned = planReport(events);
  if (planned.outcome === 'invalid') throw new Error(planned.problems.join('; '));
  return planned.report;
}

t.test('one sale: what starts when, how many pods, capacity units', async (t) => {
  const { sales, steps } = report(event('finals', '2027-03-01T12:00:00Z'));
  // 62.5 pods, rounded up; lead 15 s + 43/20 s + 90 s + 30 s.
  t.match(sales, [
    {
      sale: 'shop/finals',
      addedPods: 63,
      targets: [{ target: 'shop/HorizontalPodAutoscaler/public-api', pods: 63, shortfall: 0 }],
    },
  ]);
  const at = (what: RegExp) => steps.find((step) => what.test(step.what))?.at;
  t.equal(at(/^Raise onsale: 32 Aurora capacity units/), '2027-03-01T11:27:30.000Z');
  t.equal(at(/^Raise .*public-api: 63 pods/), '2027-03-01T11:46:34.275Z');
  t.equal(at(/^Everything is ready/), '2027-03-01T11:50:00.000Z');
  t.equal(at(/^The sale opens$/), '2027-03-01T12:00:00.000Z');
  t.same(
    steps.map((step) => step.at),
    steps.map((step) => step.at).toSorted(),
    'in order of time',
  );
});

t.test('overlapping sales are planned together: pods summed, leads shared, shortfall told', async (t) => {
  const large = { expected: { peakRps: 300_000 } };
  const { sales } = report(
    event('first', '2027-03-01T12:00:00Z', large),
    event('second', '2027-03-01T12:01:00Z', large),
  );
  t.equal(sales[0]!.targets[0]!.shortfall, sales[1]!.targets[0]!.shortfall);
  t.equal(sales[0]!.leadSeconds, sales[1]!.leadSeconds);
  const alone = report(event('first', '2027-03-01T12:00:00Z', large)).sales[0]!;
  t.ok(sales[0]!.leadSeconds > alone.leadSeconds);
  t.ok(sales[0]!.targets[0]!.shortfall > 0, 'two of 469 pods, a ceiling of 500');
  t.match(planTable(report(event('first', '2027-03-01T12:00:00Z', large))), /469 pods to add, lead \d+ s/);
});

t.test('a sale that may open late, and a windowed one', async (t) => {
  const late = report(
    event('late', '2027-03-01T12:00:00Z', { openPolicy: { mode: 'WhenConfirmed', maxDelay: '5m' } }),
  );
  t.match(
    late.steps.find((step) => step.what.startsWith('The sale opens at the latest')),
    { at: '2027-03-01T12:05:00.000Z' },
  );
  const windowed = report(event('windowed', '', { sale: { windows: { every: '1m', openFor: '15s' } } }));
  t.equal(windowed.sales[0]!.targets[0]!.pods, 63, 'one constant floor');
});

t.test('every problem of every file is named', async (t) => {
  const wrong = event('wrong', '2027-03-01T12:00:00Z', { generalAdmission: undefined });
  t.match(planReport([event('right', '2027-03-01T12:00:00Z'), wrong]), {
    outcome: 'invalid',
    problems: [/^wrong: .*exactly one of venue and generalAdmission/],
  });
});
