import fc from 'fast-check';
import t, { type Test } from 'tap';
import { dataLeverLeadMs, podLeadMs } from './lead-time.ts';
import { phaseOf } from './phase.ts';
import { planFleet } from './plan-fleet.ts';
import type { FleetInput, LearnedTimes, ObservedTarget, SaleDemand } from './sale-demand.ts';

const opens = Date.parse('2026-12-01T20:00:00+09:00');
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const learned: LearnedTimes = { podStartMs: 0, registrationMs: 0 };
const api = 'shop/HorizontalPodAutoscaler/public-api';
const worker = 'shop/ScaledObject/confirm-worker';

function sale(over: Partial<SaleDemand> = {}): SaleDemand {
  return {
    key: 'shop/finals',
    homeRegion: 'ap-northeast-1',
    opening: {
      kind: 'once',
      roomOpensAtMs: opens - 30 * minute,
      opensAtMs: opens,
      closesAtMs: opens + 2 * hour,
    },
    peakRps: 40_000,
    targets: [{ target: api, rpsPerPod: 800, headroomPercent: 25, floor: 0, ceiling: 200 }],
    dataLevers: [],
    readyBeforeMs: 10 * minute,
    leadOverrideMs: undefined,
    holdAfterOpenMs: hour,
    drain: { stepPercent: 25, intervalMs: 5 * minute },
    openPolicy: { mode: 'OnTime' },
    suspend: false,
    dryRun: false,
    deleting: false,
    memory: {},
    ...over,
  };
}

function fleet(sales: SaleDemand[], nowMs: number, over: Partial<FleetInput> = {}): FleetInput {
  return {
    nowMs,
    region: 'ap-northeast-1',
    sales,
    targets: new Map([[api, { baseline: 4, liveMax: 1000 }]]),
    learned,
    ...over,
  };
}

const floorAt = (sales: SaleDemand[], nowMs: number, over: Partial<FleetInput> = {}) =>
  planFleet(fleet(sales, nowMs, over)).targets.get(api)!.effectiveFloor;

t.test('one sale warms one and a half leads before it must be ready, and steps down after', async (t) => {
  // 40,000 × 1.25 ÷ 800 = 62.5 → 63 pods, 59 of them new: 15 s + 39/20 s + 90 s + 30 s.
  const lead = podLeadMs(59, learned);
  t.equal(lead, 15_000 + 1950 + 90_000 + 30_000);
  const starts = opens - 10 * minute - 1.5 * lead;
  t.equal(floorAt([sale()], starts - 1), 4, 'baseline until then');
  t.equal(floorAt([sale()], starts), 63);
  t.equal(floorAt([sale()], opens + hour + 5 * minute - 1), 63, 'whole for holdAfterOpen and one interval');
  t.equal(floorAt([sale()], opens + hour + 5 * minute), 47);
  t.equal(floorAt([sale()], opens + hour + 10 * minute), 32);
  t.equal(floorAt([sale()], opens + hour + 20 * minute), 4);
});

t.test('what the cluster was seen to take counts where it is slower than the default', async (t) => {
  const slow = { podStartMs: 200_000, registrationMs: 1000 };
  t.equal(podLeadMs(0, slow), 15_000 + 200_000 + 30_000);
});

t.test('sales that warm together share the launch rate, so each takes the lead of all', async (t) => {
  const three = ['a', 'b', 'c'].map((name, i) =>
    sale({
      key: `shop/${name}`,
      peakRps: 400_000,
      targets: [{ target: api, rpsPerPod: 800, headroomPercent: 0, floor: 0, ceiling: 1000 }],
      opening: {
        kind: 'once',
        roomOpensAtMs: opens - 30 * minute,
        opensAtMs: opens + i * minute,
        closesAtMs: opens + day,
      },
    }),
  );
  const targets = new Map([[api, { baseline: 0, liveMax: 5000 }]]);
  const plan = planFleet(fleet(three, opens, { targets }));
  t.equal(plan.targets.get(api)!.demandFloor, 1500, 'summed');
  t.equal(plan.targets.get(api)!.effectiveFloor, 1000, 'up to the highest ceiling');
  t.equal(plan.targets.get(api)!.shortfall, 500);
  t.equal(plan.sales.get('shop/c')!.addedPods, 1500);
  const apart = sale({
    ...three[2]!,
    key: 'shop/d',
    opening: { ...three[2]!.opening, opensAtMs: opens + day } as never,
  });
  t.equal(planFleet(fleet([...three, apart], opens, { targets })).sales.get('shop/d')!.addedPods, 500);
});

t.test('a sale created inside its lead warms at once', async (t) => {
  t.equal(floorAt([sale()], opens - 10_000), 63);
});

t.test('an edit while warming takes effect, and a shorter lead does not take floors back', async (t) => {
  const begun = { opensAtMs: opens, startedAtMs: opens - hour };
  t.equal(floorAt([sale({ memory: { warming: begun } })], opens - 50 * minute), 63);
  t.equal(floorAt([sale({ memory: { warming: begun }, peakRps: 80_000 })], opens - 50 * minute), 125);
  const later = sale({
    memory: { warming: begun },
    opening: { kind: 'once', roomOpensAtMs: opens, opensAtMs: opens + day, closesAtMs: opens + 2 * day },
  });
  t.equal(floorAt([later], opens - 50 * minute), 4, 'moved by a day: warming starts over');
});

t.test('a clock that goes back keeps the floors of a warming that has begun', async (t) => {
  const memory = { warming: { opensAtMs: opens, startedAtMs: opens - 15 * minute } };
  t.equal(floorAt([sale({ memory })], opens - 5 * hour), 63);
});

t.test('the zone an instant is written in does not matter, on the night clocks change either', async (t) => {
  for (const [zoned, utc] of [
    ['2026-03-29T02:30:00+01:00', '2026-03-29T01:30:00Z'],
    ['2026-10-25T02:30:00+02:00', '2026-10-25T00:30:00Z'],
  ]) {
    const at = (instant: string) => {
      const opensAtMs = Date.parse(instant);
      return planFleet(
        fleet(
          [sale({ opening: { kind: 'once', roomOpensAtMs: 0, opensAtMs, closesAtMs: opensAtMs + hour } })],
          0,
        ),
      ).sales.get('shop/finals')!.timeline;
    };
    t.same(at(zoned!), at(utc!));
  }
});

t.test('deleting a sale takes only its own part away, in whatever phase it was', async (t) => {
  for (const nowMs of [
    opens - 2 * day,
    opens - hour,
    opens - 5 * minute,
    opens,
    opens + 70 * minute,
    opens + day,
  ]) {
    const other = sale({ key: 'shop/other', peakRps: 8000 });
    t.equal(floorAt([sale({ deleting: true }), other], nowMs), floorAt([other], nowMs));
  }
});

t.test('a two-week sale keeps its floor for holdAfterOpen and is sustained at the baseline', async (t) => {
  const long = sale({
    opening: { kind: 'once', roomOpensAtMs: opens, opensAtMs: opens, closesAtMs: opens + 14 * day },
    holdAfterOpenMs: 2 * day,
  });
  t.equal(floorAt([long], opens + 2 * day), 63);
  t.equal(floorAt([long], opens + 3 * day), 4);
  const plan = planFleet(fleet([long], opens + 3 * day)).sales.get(long.key)!;
  t.equal(phaseOf(long, plan, opens + 3 * day, true), 'Sustaining');
  t.equal(plan.nextTransitionMs, opens + 14 * day);
});

t.test('a windowed sale holds one constant floor', async (t) => {
  const windowed = sale({ opening: { kind: 'windows' } });
  for (const nowMs of [0, opens, opens + 12_345]) t.equal(floorAt([windowed], nowMs), 63);
  t.equal(planFleet(fleet([windowed], opens)).sales.get(windowed.key)!.nextTransitionMs, undefined);
});

t.test('a suspended sale keeps the part it had', async (t) => {
  const memory = { suspension: { parts: new Map([[api, 63]]) } };
  const suspended = sale({ suspend: true, memory, peakRps: 1 });
  t.equal(floorAt([suspended], opens + 30 * day), 63, 'past its closing, edited');
  t.equal(floorAt([sale({ memory })], opens + 30 * day), 4, 'resumed: by the clock again');
});

t.test('a dry run and a sale at home elsewhere show their plan and move nothing', async (t) => {
  t.equal(floorAt([sale({ dryRun: true })], opens), 4);
  t.equal(floorAt([sale({ homeRegion: 'ap-northeast-2' })], opens), 4);
  const plan = planFleet(fleet([sale({ dryRun: true })], opens)).sales.get('shop/finals')!;
  t.equal(plan.parts.get(api), 63);
  t.equal(plan.addedPods, 59);
});

t.test('phases follow the clock and what is observed', async (t) => {
  const subject = sale({ dataLevers: ['alb'] });
  const phase = (nowMs: number, confirmed = false) =>
    phaseOf(subject, planFleet(fleet([subject], nowMs)).sales.get(subject.key)!, nowMs, confirmed);
  t.equal(phase(opens - 2 * day), 'Scheduled');
  t.equal(phase(opens - day), 'Preflight');
  t.equal(phase(opens - 10 * minute - 1.5 * dataLeverLeadMs.alb), 'WarmingData');
  t.equal(phase(opens - 11 * minute), 'WarmingPods');
  t.equal(phase(opens - 11 * minute, true), 'Warm');
  t.equal(phase(opens), 'OnSale');
  t.equal(phase(opens + hour), 'Sustaining');
  t.equal(phase(opens + 2 * hour), 'Completed', 'floors were down before it closed');
  const short = sale({ holdAfterOpenMs: day });
  const at = opens + 2 * hour + minute;
  t.equal(phaseOf(short, planFleet(fleet([short], at)).sales.get(short.key)!, at, true), 'Draining');
});

const arbitrarySale = fc
  .record({
    key: fc.constantFrom('shop/a', 'shop/b', 'shop/c', 'shop/d', 'shop/e'),
    opensInMin: fc.integer({ min: -300, max: 300 }),
    openForMin: fc.integer({ min: 1, max: 600 }),
    windows: fc.boolean(),
    peakRps: fc.integer({ min: 0, max: 500_000 }),
    rpsPerPod: fc.integer({ min: 1, max: 2000 }),
    headroomPercent: fc.integer({ min: 0, max: 200 }),
    floor: fc.integer({ min: 0, max: 300 }),
    ceiling: fc.integer({ min: 1, max: 900 }),
    readyBeforeMin: fc.integer({ min: 0, max: 60 }),
    holdMin: fc.integer({ min: 0, max: 300 }),
    stepPercent: fc.integer({ min: 1, max: 100 }),
    dryRun: fc.boolean(),
    deleting: fc.boolean(),
    second: fc.boolean(),
  })
  .map((raw) =>
    sale({
      key: raw.key,
      opening: raw.windows
        ? { kind: 'windows' }
        : {
            kind: 'once',
            roomOpensAtMs: opens + (raw.opensInMin - 30) * minute,
            opensAtMs: opens + raw.opensInMin * minute,
            closesAtMs: opens + (raw.opensInMin + raw.openForMin) * minute,
          },
      peakRps: raw.peakRps,
      targets: [
        {
          target: raw.second ? worker : api,
          rpsPerPod: raw.rpsPerPod,
          headroomPercent: raw.headroomPercent,
          floor: Math.min(raw.floor, raw.ceiling),
          ceiling: raw.ceiling,
        },
      ],
      readyBeforeMs: raw.readyBeforeMin * minute,
      holdAfterOpenMs: raw.holdMin * minute,
      drain: { stepPercent: raw.stepPercent, intervalMs: 5 * minute },
      dryRun: raw.dryRun,
      deleting: raw.deleting,
    }),
  );
const arbitrarySales = fc.uniqueArray(arbitrarySale, { selector: (each) => each.key, maxLength: 5 });
const arbitraryTarget: fc.Arbitrary<ObservedTarget> = fc
  .record({ baseline: fc.integer({ min: 0, max: 50 }), extra: fc.integer({ min: 0, max: 2000 }) })
  .map(({ baseline, extra }) => ({ baseline, liveMax: Math.max(1, baseline + extra) }));
const arbitraryFleet = fc
  .record({
    sales: arbitrarySales,
    nowMin: fc.integer({ min: -600, max: 1000 }),
    api: arbitraryTarget,
    worker: arbitraryTarget,
  })
  .map(
    (raw): FleetInput =>
      fleet(raw.sales, opens + raw.nowMin * minute, {
        targets: new Map([
          [api, raw.api],
          [worker, raw.worker],
        ]),
      }),
  );

function holds<Inputs>(t: Test, property: fc.IRawProperty<Inputs>) {
  void fc.assert(property, { numRuns: 1000 });
  t.pass();
}

t.test('whatever is asked, a floor stays between the baseline and its bounds', async (t) => {
  holds(
    t,
    fc.property(arbitraryFleet, (input) => {
      const plan = planFleet(input);
      for (const [key, floor] of plan.targets) {
        const { baseline, liveMax } = input.targets.get(key)!;
        const ceilings = input.sales.flatMap((each) =>
          each.targets.filter((demand) => demand.target === key).map((demand) => demand.ceiling),
        );
        if (floor.effectiveFloor < Math.min(baseline, liveMax)) return false;
        if (floor.effectiveFloor > liveMax) return false;
        if (floor.effectiveFloor > Math.max(baseline, 0, ...ceilings)) return false;
        if (floor.effectiveFloor + floor.shortfall !== Math.max(floor.demandFloor, baseline)) return false;
      }
      return true;
    }),
  );
});

t.test('more load never lowers a floor or starts a warming later', async (t) => {
  holds(
    t,
    fc.property(arbitraryFleet, fc.integer({ min: 1, max: 100_000 }), (input, more) => {
      if (input.sales.length === 0) return true;
      const louder = {
        ...input,
        sales: input.sales.map((each, i) => (i === 0 ? { ...each, peakRps: each.peakRps + more } : each)),
      };
      const before = planFleet(input);
      const after = planFleet(louder);
      for (const [key, floor] of before.targets) {
        if (after.targets.get(key)!.effectiveFloor < floor.effectiveFloor) return false;
      }
      for (const [key, plan] of before.sales) {
        if (after.sales.get(key)!.timeline.podsStartAtMs > plan.timeline.podsStartAtMs) return false;
      }
      return true;
    }),
  );
});

t.test(
  'sales are summed: the parts of a target add up to its demand, in any order of the events',
  async (t) => {
    holds(
      t,
      fc.property(arbitraryFleet, (input) => {
        const plan = planFleet(input);
        for (const floor of plan.targets.values()) {
          const parts = floor.contributors.reduce((sum, part) => sum + part.pods, 0);
          if (parts < floor.demandFloor) return false;
        }
        const reversed = planFleet({ ...input, sales: [...input.sales].reverse() });
        return JSON.stringify([...reversed.targets]) === JSON.stringify([...plan.targets]);
      }),
    );
  },
);

t.test('applying a plan changes nothing in the next one', async (t) => {
  holds(
    t,
    fc.property(arbitraryFleet, (input) => {
      const first = planFleet(input);
      const remembered = input.sales.map((each) => {
        const plan = first.sales.get(each.key)!;
        return plan.share > 0 && each.opening.kind === 'once'
          ? {
              ...each,
              memory: {
                warming: { opensAtMs: each.opening.opensAtMs, startedAtMs: plan.timeline.podsStartAtMs },
              },
            }
          : each;
      });
      const second = planFleet({ ...input, sales: remembered });
      return JSON.stringify([...second.targets]) === JSON.stringify([...first.targets]);
    }),
  );
});

t.test('between two transitions nothing changes', async (t) => {
  holds(
    t,
    fc.property(arbitraryFleet, fc.integer({ min: 0, max: 99 }), (input, percent) => {
      const plan = planFleet(input);
      const nexts = [...plan.sales.values()].flatMap((each) => each.nextTransitionMs ?? []);
      if (nexts.length === 0) return true;
      const nowMs = input.nowMs + Math.floor(((Math.min(...nexts) - 1 - input.nowMs) * percent) / 100);
      const later = planFleet({ ...input, nowMs });
      return JSON.stringify([...later.targets]) === JSON.stringify([...plan.targets]);
    }),
  );
});
