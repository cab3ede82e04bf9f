import { readFileSync } from 'node:fs';
import t from 'tap';
import { parse } from 'yaml';
import { goldenFolder, isGolden } from './golden.ts';
import { profiles } from './profile/profile.ts';
import { synthesize } from './synthesize.ts';

// A busy machine synthesizes slowly; what is promised is counted in its own CPU time.
t.setTimeout(300_000);

for (const { name } of Object.values(profiles)) {
  t.test(`${name} synthesizes offline, in time, as committed, and no rule objects`, async (t) => {
    const begin = process.cpuUsage();
    const { templates, findings } = synthesize(name);
    const { user, system } = process.cpuUsage(begin);
    t.ok(user + system < 30e6, 'less than 30 s');
    t.same(findings, []);
    for (const [stack, template] of templates) {
      if (!isGolden(stack)) continue;
      const golden = parse(readFileSync(new URL(`${stack}.yaml`, goldenFolder(name)), 'utf8')) as object;
      t.same(template, golden, `${stack}: npm run generate, then look at the difference`);
    }
    if (name !== 'production') return;
    const types = (stack: string) =>
      Object.values((templates.get(stack) as { Resources: Record<string, { Type: string }> }).Resources)
        .map(({ Type }) => Type)
        .sort();
    for (const part of ['network', 'data', 'images', 'entry', 'cluster', 'edge'])
      t.same(types(`ap-northeast-2-${part}`), types(`ap-northeast-1-${part}`), `${part} in both Regions`);
  });
}
