import { SharedArray } from 'k6/data';
import type { Fixtures } from '../profiles/fixtures.ts';
import { iterationsOf, type Profile } from '../profiles/profile.ts';

/** The deployment's public address. */
export const base = (__ENV['BASE'] ?? 'http://127.0.0.1:8080').replace(/\/$/, '');

export const profile = JSON.parse(open(__ENV['PROFILE'] ?? './profile.json')) as Profile;

// One copy for all virtual users; each would parse its own otherwise.
const shared = new SharedArray('fixtures', () => [
  JSON.parse(open(__ENV['FIXTURES'] ?? './fixtures.json')) as Fixtures,
]);

export const fixtures = shared[0]!;

/** The first seat number of a step's purchases: k6 counts iterations anew in every scenario. */
export const firstSeatOf: Readonly<Record<string, number>> = Object.fromEntries(
  profile.steps.map((step, index) => [
    step.name,
    profile.steps
      .slice(0, index)
      .reduce((sum, before) => sum + iterationsOf({ ...profile, steps: [before] }, 'journey') + 1, 0),
  ]),
);
