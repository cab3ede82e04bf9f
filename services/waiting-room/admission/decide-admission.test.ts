import fc from 'fast-check';
import t from 'tap';
import {
  decideAdmission,
  noAdmissionMemory,
  type AdmissionCounts,
  type AdmissionInput,
  type AdmissionMemory,
} from './decide-admission.ts';

const settings = { p95TargetMs: 500, backlogTargetSeconds: 10 };
const counts: AdmissionCounts = {
  atMs: 1_795_000_000_000,
  serving: 1000,
  waiting: 50_000,
  entered: 51_000,
  shown: 900,
  finished: 800,
};
const calm: AdmissionInput = {
  plannedRate: 100,
  currentRate: 100,
  podRate: 400,
  p95Ms: 80,
  backlogSeconds: 0,
  seats: { free: 20_000, held: 300 },
  maxActive: 10_000,
  counts,
};
/** It was slow before: what is slow now is no pause. */
const slowBefore: AdmissionMemory = { ...noAdmissionMemory, factor: 2 };
const decide = (change: Partial<AdmissionInput>, memory: AdmissionMemory = slowBefore) =>
  decideAdmission({ ...calm, ...change }, memory, settings);

t.test('with nothing in the way the plan holds', async (t) => {
  t.match(decide({}), { ratePerSecond: 100, limitedBy: 'planned' });
  t.match(decide({ p95Ms: undefined, backlogSeconds: undefined, seats: undefined, podRate: undefined }), {
    ratePerSecond: 100,
    limitedBy: 'planned',
  });
});

t.test('each limit by itself', async (t) => {
  const cases: [Partial<AdmissionInput>, object][] = [
    [{ podRate: 40 }, { ratePerSecond: 40, limitedBy: 'pods' }],
    [{ podRate: 0 }, { ratePerSecond: 0, limitedBy: 'pods' }],
    [{ p95Ms: 625 }, { ratePerSecond: 80, limitedBy: 'latency' }],
    [{ p95Ms: 60_000 }, { ratePerSecond: 70, limitedBy: 'latency' }],
    [{ backlogSeconds: 12.5 }, { ratePerSecond: 80, limitedBy: 'backlog' }],
    [{ backlogSeconds: 31 }, { ratePerSecond: 0, limitedBy: 'backlog' }],
    [{ maxActive: 400 }, { ratePerSecond: 10, limitedBy: 'active' }],
    [{ maxActive: 300 }, { ratePerSecond: 0, limitedBy: 'active' }],
    [{ seats: { free: 60, held: 300 } }, { ratePerSecond: 30, limitedBy: 'seats' }],
    [{ seats: { free: 0, held: 3 } }, { ratePerSecond: 0, limitedBy: 'none-free' }],
    [{ seats: { free: 0, held: 0 } }, { ratePerSecond: 0, limitedBy: 'sold-out' }],
    [{ plannedRate: 0 }, { ratePerSecond: 0, limitedBy: 'paused' }],
  ];
  for (const [change, expected] of cases) t.match(decide(change), expected, JSON.stringify(change));
});

const at = (seconds: number) => ({ ...counts, atMs: counts.atMs + seconds * 1000 });

t.test('one slow decision cuts nothing, a second one does', async (t) => {
  const first = decide({ p95Ms: 1000 }, noAdmissionMemory);
  t.match(first, { ratePerSecond: 100, limitedBy: 'planned' });
  t.equal(decide({ p95Ms: 80, counts: at(1) }, first.memory).ratePerSecond, 100, 'it was a pause');
  t.equal(decide({ p95Ms: 1000, counts: at(1) }, first.memory).ratePerSecond, 70, 'it was none');
});

t.test('after a cut it waits for the effect', async (t) => {
  const { memory } = decide({ p95Ms: 1000 });
  const again = decide({ p95Ms: 1000, counts: at(1) }, memory);
  t.equal(again.ratePerSecond, 70, 'not cut again for the same cause');
  const later = decide({ p95Ms: 1000, currentRate: 70, counts: at(9) }, again.memory);
  t.equal(Math.round(later.ratePerSecond), 49);
  t.equal(later.memory.tooMuch, 0.85, 'what had queued up before the first cut may have been the cause');
});

t.test('it goes back soon to what was nearly borne, and beyond carefully', async (t) => {
  let { memory } = decide({ p95Ms: 1000 }, { ...slowBefore, health: 0.6, tooMuch: 0.6 });
  let currentRate = 42;
  const rates: number[] = [];
  for (let second = 1; second <= 70; second++) {
    const decision = decide({ p95Ms: 100, currentRate, counts: at(second) }, memory);
    ({ memory } = decision);
    currentRate = decision.ratePerSecond;
    rates.push(currentRate);
  }
  t.same(
    rates,
    rates.toSorted((a, b) => a - b),
  );
  const after = (seconds: number) => rates[seconds - 1]!;
  t.ok(after(8) > 50 && after(8) < 58, `${after(8)} after 8 s`);
  t.ok(after(20) < 65, `${after(20)} after 20 s`);
  t.equal(after(70), 100);
  t.ok(new Set(rates).size < 25, 'not every second another rate');
});

t.test('too much again below what was too much before: it goes back to less', async (t) => {
  const cutAgain = decide({ p95Ms: 1000 }, { ...slowBefore, health: 0.5, tooMuch: 0.6 });
  t.match(cutAgain.memory, { health: 0.35, tooMuch: 0.475 });
  t.match(decide({ p95Ms: 1000 }, { ...slowBefore, health: 0.7, tooMuch: 0.7 }).memory, { tooMuch: 0.7 });
});

t.test('whatever is measured, the rate is within every limit', async () => {
  const rate = fc.oneof(fc.constant(0), fc.double({ min: 0.001, max: 5000, noNaN: true }));
  const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
  const step = fc.record({
    plannedRate: rate,
    podRate: maybe(rate),
    p95Ms: maybe(fc.double({ min: 0, max: 60_000, noNaN: true })),
    backlogSeconds: maybe(fc.double({ min: 0, max: 1000, noNaN: true })),
    seats: maybe(fc.record({ free: fc.nat(50_000), held: fc.nat(5000) })),
    maxActive: fc.integer({ min: 1, max: 20_000 }),
    seconds: fc.integer({ min: 1, max: 90 }),
    entered: fc.nat(5000),
    holes: fc.nat(500),
    shown: fc.nat(3000),
    finished: fc.nat(3000),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
      let memory: AdmissionMemory = noAdmissionMemory;
      let currentRate = 0;
      let now: AdmissionCounts = { ...counts, serving: -1, waiting: 0, entered: 0, shown: 0, finished: 0 };
      for (const { seconds, entered, holes, shown, finished, ...measured } of steps) {
        const passed = Math.floor(currentRate * seconds);
        now = {
          atMs: now.atMs + seconds * 1000,
          serving: now.serving + passed,
          waiting: now.waiting + entered + holes - passed,
          entered: now.entered + entered,
          shown: now.shown + shown,
          finished: now.finished + finished,
        };
        const decision = decideAdmission({ ...measured, currentRate, counts: now }, memory, settings);
        const { ratePerSecond, active, showShare } = decision;
        const { plannedRate, podRate, maxActive, seats, backlogSeconds } = measured;
        const problems = [
          !(ratePerSecond >= 0 && Number.isFinite(ratePerSecond)) && 'no rate',
          ratePerSecond > Math.max(plannedRate, podRate ?? 0) && 'above plan and pods',
          ratePerSecond > (podRate ?? Infinity) && 'above the pods',
          ratePerSecond > plannedRate / showShare + 1e-9 && 'more than makes up for no-shows',
          plannedRate === 0 && ratePerSecond > 0 && 'admits while stopped',
          active + currentRate * 3.5 + ratePerSecond * 5 > maxActive + 1e-6 &&
            ratePerSecond > 0 &&
            'too many active',
          seats?.free === 0 && ratePerSecond > 0 && 'admits to nothing',
          (backlogSeconds ?? 0) > 30 && ratePerSecond > 0 && 'admits to a queue that does not move',
          decision.memory.samples.length > 200 && 'remembers without end',
          !(decision.memory.health > 0 && decision.memory.health <= 1) && 'health out of range',
        ].filter((problem) => problem !== false);
        if (problems.length > 0) throw new Error(`${problems.join()}: ${JSON.stringify(decision)}`);
        // What Redis keeps in between is text.
        memory = JSON.parse(JSON.stringify(decision.memory)) as AdmissionMemory;
        currentRate = ratePerSecond;
      }
    }),
    { numRuns: 300 },
  );
});
