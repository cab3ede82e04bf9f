// Writes charts/, Helm charts made by cdk8s/. Also: npm run synth.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { chartsFolder } from '@onsale/cdk8s/charts-folder';

const root = new URL('../../', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string };
const folder = new URL('charts/', root);

// Built before anything is removed: a generator that fails leaves the charts as they are.
const files = chartsFolder(version);
rmSync(folder, { recursive: true, force: true });
for (const [path, text] of files) {
  const file = new URL(path, folder);
  mkdirSync(dirname(file.pathname), { recursive: true });
  writeFileSync(file, text);
}
