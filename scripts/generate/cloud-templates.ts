// Writes cluster-cdk/golden: what every profile deploys, so that a change of code shows what it changes in the cloud.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { goldenFolder, goldenHeader, isGolden } from '@onsale/cluster-cdk/lib/golden';
import { profiles } from '@onsale/cluster-cdk/lib/profile/profile';
import { synthesize } from '@onsale/cluster-cdk/lib/synthesize';
import { stringify } from 'yaml';

for (const { name } of Object.values(profiles)) {
  const folder = goldenFolder(name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [stack, template] of synthesize(name).templates) {
    if (isGolden(stack))
      writeFileSync(
        new URL(`${stack}.yaml`, folder),
        goldenHeader + stringify(template, { lineWidth: 0, aliasDuplicateObjects: false }),
      );
  }
}
