// The command itself, with stand-ins for aws and docker.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { outputNames, stackNameOf } from '@onsale/cluster-cdk/lib/outputs';
import { images } from '@onsale/cluster-cdk/lib/workloads';
import t from 'tap';
import { readDigest } from './image-digests.ts';

t.setTimeout(120_000);
const folder = t.testdir();
const asked = `${folder}/asked`;
const digest = `sha256:${'a'.repeat(64)}`;
const registryIn = (region: string) => `111122223333.dkr.ecr.${region}.amazonaws.com/onsale/production/`;
const regions = ['ap-northeast-1', 'ap-northeast-2'];
const outputsOf = regions.map((region) => {
  const path = `${folder}/${region}.json`;
  const stacks = Object.entries(outputNames).map(([part, names]) => [
    stackNameOf('production', part),
    Object.fromEntries(names.map((name) => [name, name === 'ImageRegistry' ? registryIn(region) : 'x'])),
  ]);
  writeFileSync(path, JSON.stringify(Object.fromEntries(stacks)));
  return path;
});

function program(name: string, body: string): void {
  const text = `#!/bin/sh\necho "${name} $*" >> ${asked}\n${body}\n`;
  writeFileSync(`${folder}/${name}`, text, { mode: 0o755 });
}
/** Repositories that hold only what was pushed, and a scan that finds `critical`. */
function stand(critical: string): void {
  program('docker', `[ $1 = push ] && touch ${folder}/$(echo $2 | tr /: __); exit 0`);
  const pushed = `${folder}/111122223333.dkr.ecr.$4.amazonaws.com_$(echo $6 | tr /: __)_v2`;
  program(
    'aws',
    `case "$2" in describe-images) [ -e ${pushed} ] || { echo ImageNotFoundException >&2; exit 1; }; echo ${digest};;
describe-image-scan-findings) echo ${critical};; esac`,
  );
}
function run(file: string) {
  writeFileSync(asked, '');
  const command = fileURLToPath(new URL('../images.ts', import.meta.url));
  const args = ['v2', ...outputsOf.flatMap((one) => ['--outputs', one]), '--images', file];
  const { status, stderr } = spawnSync(process.execPath, [command, ...args], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${folder}:${process.env['PATH']}` },
  });
  return { status, stderr, asked: readFileSync(asked, 'utf8').split('\n') };
}

t.test('an image with critical findings leaves no digest to release', async (t) => {
  stand('2');
  const file = `${folder}/bad.json`;
  t.match(run(file), { status: 1, stderr: /critical findings/ });
  t.notOk(existsSync(file));
});

t.test('every image is built once for all Regions, scanned by its digest, and not built again', async (t) => {
  stand('None');
  const file = `${folder}/good.json`;
  const first = run(file);
  t.equal(first.status, 0, first.stderr);
  for (const image of images) {
    const builds = first.asked.filter(
      (line) => line.startsWith('docker build') && line.includes(` ${image}:v2`),
    );
    t.ok(builds.length <= 1, `${image} is built once, or was there`);
    for (const region of regions) {
      t.equal(readDigest(file, 'v2', registryIn(region) + image), digest);
      const scan = new RegExp(
        `describe-image-scan-findings --region ${region} .*/${image} --image-id imageDigest=${digest}`,
      );
      t.equal(first.asked.filter((line) => scan.test(line)).length, 1);
    }
  }
  const again = run(file);
  t.equal(again.status, 0);
  t.notOk(again.asked.some((line) => /docker (build|push)/.test(line)));
});
