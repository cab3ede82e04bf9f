import t from 'tap';
import { profileNamed } from './all-profiles.ts';
import { planRunners, runnerBudget } from './plan-runners.ts';
import { peakRps } from './profile.ts';

t.test('no runner sends more than its processor bears', async (t) => {
  for (const name of ['smoke', 'step-100k', 'soak', 'breakpoint']) {
    const profile = profileNamed(name);
    const { runners } = planRunners(profile);
    const coresEach = ((peakRps(profile) / runners) * runnerBudget.cpuMsPerRequest) / 1000;
    t.ok(coresEach <= runnerBudget.cpu * runnerBudget.usableShare, `${name}: ${coresEach} cores`);
  }
  t.equal(planRunners(profileNamed('smoke')).runners, 1);
});

t.test('a long run that keeps many values takes runners for its memory', async (t) => {
  const soak = profileNamed('soak');
  const slow = { ...soak, steps: soak.steps.map((step) => ({ ...step, rps: 1500, seconds: 86_400 })) };
  t.equal(planRunners({ ...slow, steps: slow.steps.slice(1, 2) }).runners > 1, true);
});

t.test('a number that was asked for is taken, and the reckoning is still told', async (t) => {
  const { runners, reasons } = planRunners(profileNamed('step-100k'), 7);
  t.equal(runners, 7);
  t.match(reasons[0], /^7 runners .*as asked/);
  t.match(reasons[1], /100000 requests\/s at the peak/);
});
