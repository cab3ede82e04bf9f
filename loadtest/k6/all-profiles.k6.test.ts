import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { findK6 } from '../k6-program/k6-program.ts';
import { allProfiles } from '../profiles/all-profiles.ts';
import { planFixtures } from '../profiles/fixtures.ts';
import { k6Options } from '../profiles/k6-options.ts';
import { durationSeconds } from '../profiles/profile.ts';
import { scaleProfile } from '../profiles/scale-profile.ts';

// A real k6 is started for each; a busy machine takes its time.
t.setTimeout(240_000);
const k6 = (await findK6())!;
const script = fileURLToPath(new URL('./main.ts', import.meta.url));

for (const profile of allProfiles) {
  t.test(`k6 takes ${profile.name}, at a thousandth and in a minute`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'onsale-inspect-'));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    const small = scaleProfile(profile, { rates: 0.001, minutes: 1 });
    const files = { PROFILE: join(folder, 'profile.json'), FIXTURES: join(folder, 'fixtures.json') };
    await writeFile(files.PROFILE, JSON.stringify(small));
    await writeFile(files.FIXTURES, JSON.stringify(planFixtures(small, 'inspect')));
    const variables = Object.entries(files).flatMap(([name, file]) => ['--env', `${name}=${file}`]);
    const { stdout } = await promisify(execFile)(k6, [
      'inspect',
      '--execution-requirements',
      ...variables,
      script,
    ]);
    const { scenarios, thresholds, totalDuration } = JSON.parse(stdout) as {
      scenarios: object;
      thresholds: object;
      totalDuration: string;
    };
    const asked = k6Options(small);
    t.same(Object.keys(scenarios).sort(), Object.keys(asked.scenarios).sort());
    t.same(Object.keys(thresholds).sort(), Object.keys(asked.thresholds).sort());
    // With the time that the last purchases are given.
    const seconds = durationSeconds(small) + small.orderWithinSeconds + 10;
    const [, minutes = '0', rest] = /^(?:(\d+)m)?([\d.]+)s$/.exec(totalDuration)!;
    t.equal(Number(minutes) * 60 + Number(rest), seconds, totalDuration);
  });
}
