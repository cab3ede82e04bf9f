// The command itself, with stand-ins for helm and kubectl that write down what they are asked.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { outputNames, stackNameOf } from '@onsale/cluster-cdk/lib/outputs';
import t from 'tap';
import { readDigest, writeDigests } from './image-digests.ts';

t.setTimeout(120_000);
const folder = t.testdir();
const asked = `${folder}/asked`;
const registry = '111122223333.dkr.ecr.ap-northeast-1.amazonaws.com/onsale/staging/';
const charts = ['ticket-event-operator', 'confirm-worker', 'confirm-api', 'public-api'];
const digestOf = (chart: string) => `sha256:${String(charts.indexOf(chart)).repeat(64)}`;

const outputs = `${folder}/outputs.json`;
const values: Record<string, string> = {
  Region: 'ap-northeast-1',
  ImageRegistry: registry,
  ApiBase: 'http://127.0.0.1:9',
};
writeFileSync(
  outputs,
  JSON.stringify(
    Object.fromEntries(
      Object.entries(outputNames).map(([part, names]) => [
        stackNameOf('staging', part),
        Object.fromEntries(names.map((name) => [name, values[name] ?? 'x'])),
      ]),
    ),
  ),
);
const images = `${folder}/images.json`;
writeDigests(images, {
  tag: 'v2',
  digests: Object.fromEntries(charts.map((chart) => [registry + chart, digestOf(chart)])),
});

function program(name: string, ...lines: string[]): void {
  const text = ['#!/bin/sh', `echo "${name} $*" >> ${asked}`, ...lines, ''].join('\n');
  writeFileSync(`${folder}/${name}`, text, { mode: 0o755 });
}

function rollout(...args: string[]) {
  writeFileSync(asked, '');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [fileURLToPath(new URL('../rollout.ts', import.meta.url)), ...args],
    { encoding: 'utf8', env: { ...process.env, PATH: `${folder}:${process.env['PATH']}` } },
  );
  return { status, stdout, stderr, asked: readFileSync(asked, 'utf8') };
}

t.test('a release runs the images that were scanned, each chart its own', async (t) => {
  const { status, stdout } = rollout('release', 'v2', '--outputs', outputs, '--images', images, '--dry-run');
  t.equal(status, 0);
  for (const chart of charts)
    t.match(
      stdout.split('\n').find((line) => line.startsWith(`helm upgrade ${chart} `)),
      `--set-string image.tag=v2,image.digest=${digestOf(chart)} `,
    );
});

t.test('digests of another version, and of another Region, are refused', async (t) => {
  const other = rollout('release', 'v3', '--outputs', outputs, '--images', images);
  t.equal(other.status, 1);
  t.match(other.stderr, 'holds the images of v2, not of v3');
  t.equal(other.asked, '', 'nothing was touched');
  const some = `${folder}/some.json`;
  writeDigests(some, { tag: 'v2', digests: { [`${registry}ticket-event-operator`]: digestOf(charts[0]!) } });
  const half = rollout('release', 'v2', '--outputs', outputs, '--images', some);
  t.match(half, { status: 1, asked: '', stderr: /no digest of \S+confirm-worker/ });
  t.throws(() => readDigest(images, 'v2', registry.replace('northeast-1', 'northeast-2')), /holds no digest/);
});

t.test('a canary is one image, and promotion puts that very image everywhere', async (t) => {
  const onTrial = { enabled: true, tag: 'v2', digest: digestOf('public-api') };
  program('helm', `echo '${JSON.stringify({ image: { tag: 'v1' }, canary: onTrial })}'`);
  const pod = (track: string) => ({
    metadata: { name: track, labels: { 'onsale.dev/track': track } },
    status: { containerStatuses: [{ ready: true, restartCount: 0 }] },
  });
  const metric = 'onsale_http_request_duration_seconds';
  program(
    'kubectl',
    `case "$*" in *--raw*) n=$(grep -c raw ${asked})00`,
    `printf '${metric}_count{status="200"} %s\\n${metric}_bucket{le="0.2"} %s\\n' $n $n;;`,
    `*) echo '${JSON.stringify({ items: [pod('canary'), pod('stable')] })}';; esac`,
  );
  const args = ['canary', 'public-api', 'v2', '--outputs', outputs, '--images', images, '--minutes', '0.001'];
  const done = rollout(...args);
  t.equal(done.status, 0, done.stderr);
  const [trial, promotion] = done.asked.split('\n').filter((line) => line.startsWith('helm upgrade'));
  t.match(trial, `canary.tag=v2,canary.digest=${onTrial.digest}`);
  t.notMatch(trial, 'image.', 'the others stay as they are');
  t.match(promotion, `image.tag=v2,image.digest=${onTrial.digest} --set canary.enabled=false`);
});

t.test(
  'what was released by its tag alone is promoted without a digest, not with an older one',
  async (t) => {
    program('helm', `echo '{"canary":{"enabled":true,"tag":"v2"}}'`);
    t.match(rollout('promote', 'confirm-api').asked, /image\.tag=v2,image\.digest= /);
    program('helm', `echo '{}'`);
    t.match(rollout('promote', 'confirm-api'), { status: 1, stderr: /has no canary/ });
  },
);
