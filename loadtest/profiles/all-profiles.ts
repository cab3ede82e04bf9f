import type { Mix, Profile, Step, Targets } from './profile.ts';

/** 70 % public reads, 20 % confirm, 10 % through the worker; what reaches the worker are whole purchases. */
const platformMix: Mix = { reads: 0.7, confirm: 0.2, journey: 0.1 };
const withRace: Mix = { reads: 0.66, confirm: 0.18, journey: 0.1, race: 0.06 };
const targets: Targets = { p95Ms: 200, serverErrorShare: 0.02, successShare: 0.99, stopAfterSeconds: 300 };

const step = (name: string, rps: number, seconds: number, more: Partial<Step> = {}): Step => ({
  name,
  rps,
  seconds,
  mix: platformMix,
  isJudged: true,
  ...more,
});
const warmUp = (rps: number, seconds: number, mix: Mix = platformMix): Step =>
  step('warm-up', rps, seconds, { fromRps: rps / 5, isJudged: false, mix });

const minute = 60;

/** Every profile. Those with thousands of requests per second want runners on machines of their own. */
export const allProfiles: readonly Profile[] = [
  {
    name: 'tiny',
    description: 'every flow for some seconds: shows that a stack and the load test fit together',
    steps: [
      step('warm-up', 10, 2, { isJudged: false, mix: withRace }),
      step('steady', 30, 6, { mix: { reads: 0.3, confirm: 0.1, journey: 0.25, race: 0.3, arrival: 0.05 } }),
    ],
    // What is judged on whatever machine runs the tests: correctness, and no order of magnitude of slowness.
    targets: { p95Ms: 5000, serverErrorShare: 0.1, successShare: 0.9, stopAfterSeconds: 60 },
    lastSeats: 4,
    orderWithinSeconds: 20,
    opensInSeconds: 0,
  },
  {
    name: 'smoke',
    description: 'every flow for a minute and a half, beside everything else on a laptop of two cores',
    steps: [
      warmUp(50, 10, withRace),
      step('steady', 100, 30, { mix: withRace }),
      step('step-up', 200, 30, { mix: withRace }),
      step('cool-down', 50, 10, { isJudged: false }),
    ],
    targets: { ...targets, stopAfterSeconds: 30 },
    lastSeats: 40,
    orderWithinSeconds: 30,
    opensInSeconds: 0,
  },
  {
    name: 'laptop',
    description: 'the platform’s profile at a hundredth of its rates, minutes as half minutes',
    steps: [
      warmUp(50, 30, withRace),
      step('step-1', 100, 45, { mix: withRace }),
      step('step-2', 250, 45, { mix: withRace }),
      step('step-3', 500, 45, { mix: withRace }),
      step('cool-down', 100, 15, { isJudged: false }),
    ],
    targets: { ...targets, stopAfterSeconds: 60 },
    lastSeats: 100,
    orderWithinSeconds: 30,
    opensInSeconds: 0,
  },
  {
    name: 'opening',
    description: 'the second a sale opens: arrivals before it, a spike at it, buyers after it; for a laptop',
    steps: [
      step('before', 50, 15, { mix: { arrival: 0.5, reads: 0.5 }, isJudged: false }),
      step('spike', 400, 15, { mix: { arrival: 0.8, reads: 0.2 } }),
      step('sale', 100, 30, { mix: { reads: 0.6, journey: 0.3, race: 0.1 } }),
    ],
    targets: { ...targets, stopAfterSeconds: 30 },
    lastSeats: 20,
    orderWithinSeconds: 30,
    opensInSeconds: 15,
  },
  {
    name: 'journey',
    description: 'purchases alone, each through room, hold, payment and worker; for a laptop',
    steps: [
      warmUp(40, 10, { journey: 1 }),
      step('steady', 80, 30, { mix: { journey: 1 } }),
      step('step-up', 160, 20, { mix: { journey: 1 } }),
    ],
    targets: { ...targets, stopAfterSeconds: 30 },
    lastSeats: 4,
    orderWithinSeconds: 30,
    opensInSeconds: 0,
  },
  {
    name: 'race',
    description: 'pairs of rivals for every last seat, until all are gone; for a laptop',
    steps: [warmUp(30, 10, { race: 1 }), step('race', 100, 40, { mix: { race: 0.9, reads: 0.1 } })],
    targets: { ...targets, stopAfterSeconds: 30 },
    lastSeats: 200,
    orderWithinSeconds: 30,
    opensInSeconds: 0,
  },
  {
    name: 'step-100k',
    description:
      'warm-up at 5k, then 10k, 50k and 100k requests a second for five minutes each, cool-down at 10k',
    steps: [
      warmUp(5000, 5 * minute),
      step('10k', 10_000, 5 * minute),
      step('50k', 50_000, 5 * minute),
      step('100k', 100_000, 5 * minute),
      step('cool-down', 10_000, 5 * minute, { isJudged: false }),
    ],
    targets,
    lastSeats: 500,
    orderWithinSeconds: 60,
    opensInSeconds: 0,
  },
  {
    name: 'opening-100k',
    description: 'a hundred thousand requests in the second of opening, held for a minute, then a sale',
    steps: [
      step('before', 5000, 5 * minute, { mix: { arrival: 0.5, reads: 0.5 }, isJudged: false }),
      step('spike', 100_000, minute, { mix: { arrival: 0.8, reads: 0.2 } }),
      step('sale', 30_000, 10 * minute, { mix: { reads: 0.68, journey: 0.3, race: 0.02 } }),
    ],
    targets,
    lastSeats: 500,
    orderWithinSeconds: 60,
    opensInSeconds: 5 * minute,
  },
  {
    name: 'soak',
    description: 'half an hour at half the peak, after a warm-up; leaks and growth show here',
    steps: [
      warmUp(5000, 5 * minute),
      step('soak', 50_000, 30 * minute),
      step('cool-down', 10_000, 5 * minute, { isJudged: false }),
    ],
    targets: { ...targets, stopAfterSeconds: 10 * minute },
    lastSeats: 500,
    orderWithinSeconds: 60,
    opensInSeconds: 0,
  },
  {
    name: 'breakpoint',
    description: 'rises for half an hour until something gives: that it ends early is its result',
    steps: [warmUp(5000, 5 * minute), step('rise', 200_000, 30 * minute, { fromRps: 5000 })],
    targets: { ...targets, stopAfterSeconds: 5 * minute },
    lastSeats: 500,
    orderWithinSeconds: 60,
    opensInSeconds: 0,
  },
];

/** The profile of a name; throws, naming those there are. */
export function profileNamed(name: string): Profile {
  const profile = allProfiles.find((one) => one.name === name);
  if (profile === undefined) {
    throw new Error(`no profile ${name}: there are ${allProfiles.map((one) => one.name).join(', ')}`);
  }
  return profile;
}
