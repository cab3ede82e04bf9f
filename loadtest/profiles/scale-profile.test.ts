import t from 'tap';
import { allProfiles, profileNamed } from './all-profiles.ts';
import { durationSeconds, peakRps } from './profile.ts';
import { scaleProfile } from './scale-profile.ts';

t.test('every profile fits a laptop, with its steps, shares and targets', async (t) => {
  for (const profile of allProfiles) {
    const small = scaleProfile(profile, { rates: 50 / peakRps(profile), minutes: 0.5 });
    t.strictSame(
      small.steps.map(({ name, mix, isJudged }) => ({ name, mix, isJudged })),
      profile.steps.map(({ name, mix, isJudged }) => ({ name, mix, isJudged })),
    );
    t.ok(Math.abs(peakRps(small) - 50) < 1e-6, profile.name);
    t.ok(Math.abs(durationSeconds(small) - 30) <= profile.steps.length, `${durationSeconds(small)} s`);
    t.equal(small.targets.p95Ms, profile.targets.p95Ms);
  }
});

t.test('a sale still opens when the steps before it are over', async (t) => {
  for (const name of ['opening', 'opening-100k']) {
    const small = scaleProfile(profileNamed(name), { rates: 0.01, minutes: 1 });
    t.equal(small.opensInSeconds, small.steps[0]!.seconds);
  }
});

t.test('at its own size a profile is left as it is', async (t) => {
  const soak = profileNamed('soak');
  t.equal(scaleProfile(soak, { rates: 1 }), soak);
});
