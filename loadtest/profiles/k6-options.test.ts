import t from 'tap';
import { allProfiles } from './all-profiles.ts';
import { planFixtures, seatAt, seatCount } from './fixtures.ts';
import { k6Options } from './k6-options.ts';
import { iterationsOf, peakRps, requestsPerIteration } from './profile.ts';

for (const profile of allProfiles) {
  const { name, steps } = profile;

  t.test(`${name}: the flows of a step send what the step asks for`, async (t) => {
    const { scenarios } = k6Options(profile);
    for (const step of steps) {
      const shares = Object.values(step.mix).reduce((sum, share) => sum + share, 0);
      t.ok(Math.abs(shares - 1) < 1e-9, `${step.name} is shared out whole`);
      const own = Object.values(scenarios).filter(({ tags }) => tags.step === step.name);
      const asked = own.reduce(
        (sum, { rate, stages, exec }) =>
          sum + ((rate ?? stages![0]!.target) / 60) * requestsPerIteration[exec],
        0,
      );
      t.ok(Math.abs(asked - step.rps) <= 0.02 * step.rps + 0.5, `${step.name}: ${asked} of ${step.rps}`);
    }
  });

  t.test(`${name}: every purchase has a seat of its own`, async (t) => {
    const { events, lastSeats } = planFixtures(profile, 'run');
    t.ok(seatCount(events) >= iterationsOf(profile, 'journey') + steps.length);
    t.equal(seatCount([lastSeats]), profile.lastSeats);
  });
}

t.test('the big steps are those that were promised', async (t) => {
  const steps = allProfiles.find(({ name }) => name === 'step-100k')!.steps;
  t.strictSame(
    steps.map(({ rps, seconds }) => [rps, seconds]),
    [5000, 10_000, 50_000, 100_000, 10_000].map((rps) => [rps, 300]),
  );
  const soak = allProfiles.find(({ name }) => name === 'soak')!;
  t.equal(peakRps(soak), 50_000);
  t.equal(soak.steps.find(({ name }) => name === 'soak')!.seconds, 1800);
});

t.test('a wrong sale ends a run at once, a broken target after a while', async (t) => {
  const { thresholds } = k6Options(allProfiles.find(({ name }) => name === 'step-100k')!);
  t.match(thresholds['double_sold'], [{ threshold: 'count<1', abortOnFail: true, delayAbortEval: '0s' }]);
  t.match(thresholds['http_req_duration'], [
    { threshold: 'p(95)<200', abortOnFail: true, delayAbortEval: '300s' },
  ]);
  t.match(thresholds['server_errors'], [{ threshold: 'rate<0.02', abortOnFail: true }]);
  t.match(thresholds['dropped_iterations'], [{ threshold: 'count<1', abortOnFail: true }]);
  t.ok(thresholds['http_req_duration{step:100k}']);
  t.notOk(thresholds['http_req_duration{step:warm-up}'], 'no target is judged while warming up');
});

t.test('seats go through sections and events, and round again', async (t) => {
  const events = [
    {
      eventId: 'a',
      sections: [
        { id: 'A', firstRow: 1, rows: 2, seatsPerRow: 3 },
        { id: 'B', firstRow: 3, rows: 1, seatsPerRow: 2 },
      ],
    },
    { eventId: 'b', sections: [{ id: 'A', firstRow: 1, rows: 1, seatsPerRow: 1 }] },
  ];
  t.strictSame(
    [0, 4, 6, 8, 9].map((index) => seatAt(events, index)),
    [
      { eventId: 'a', sectionId: 'A', seatId: 'R1C1' },
      { eventId: 'a', sectionId: 'A', seatId: 'R2C2' },
      { eventId: 'a', sectionId: 'B', seatId: 'R3C1' },
      { eventId: 'b', sectionId: 'A', seatId: 'R1C1' },
      { eventId: 'a', sectionId: 'A', seatId: 'R1C1' },
    ],
  );
});
