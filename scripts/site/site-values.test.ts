import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { allCharts } from '@onsale/cdk8s/charts/all-charts';
import { chartFolder } from '@onsale/cdk8s/helm/render-chart';
import { sampleSite } from '@onsale/cdk8s/values/environments';
import { kubectlAndHelm } from '@onsale/control-plane/kubectl-layer';
import { outputNames, stackNameOf } from '@onsale/cluster-cdk/lib/outputs';
import t from 'tap';
import { parse } from 'yaml';
import { siteValues } from './site-values.ts';

// Helm starts for each chart; a busy machine takes its time.
t.setTimeout(120_000);
const environment = 'production-ap-northeast-2';
const folder = mkdtempSync(join(tmpdir(), 'onsale-site-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));

/** Every output, as `cdk deploy --outputs-file` writes them, each with a value that tells its name. */
const outputs: Record<string, Record<string, string>> = Object.fromEntries(
  Object.entries(outputNames).map(([part, names]) => [
    stackNameOf('production', part),
    { ...Object.fromEntries(names.map((name) => [name, `the-${name}`])), ExportsOutputRefVpc1: 'vpc-1' },
  ]),
);
outputs['onsale-production-network']!['Region'] = 'ap-northeast-2';
outputs['onsale-production-edge']!['ApiBase'] = 'https://the-ApiBase';
Object.assign(outputs['onsale-production-data']!, {
  CommitQueueUrl: 'https://the-CommitQueueUrl',
  CommitDeadLetterUrl: 'https://the-CommitDeadLetterUrl',
  PostgresPort: '5432',
  PostgresDatabase: 'onsale',
});

const own = { jwksUrl: 'https://identity.example/jwks.json', paymentProviderUrl: 'https://payments.example' };

t.test('a site from its stacks has every value that the sample has', async (t) => {
  const keys = (value: object): string[] =>
    Object.entries(value)
      .flatMap(([key, one]) =>
        typeof one === 'object' ? keys(one as object).map((k) => `${key}.${k}`) : [key],
      )
      .sort();
  const given = keys(
    siteValues(environment, outputs, { ...own, jwtIssuer: 'x', jwtAudience: 'x', traceCollector: 'x' }),
  );
  for (const key of keys(sampleSite(environment))) t.ok(given.includes(key), key);
});

t.test('the command writes a file with which every chart renders', async (t) => {
  const file = (name: string, content: object) => {
    writeFileSync(join(folder, name), JSON.stringify(content));
    return join(folder, name);
  };
  const command = fileURLToPath(new URL('../site.ts', import.meta.url));
  const site = join(folder, 'site.yaml');
  const args = [environment, '--outputs', file('outputs.json', outputs), '--output', site];
  execFileSync(process.execPath, [command, ...args, '--own', file('own.yaml', own)], { stdio: 'pipe' });
  t.equal(parse(readFileSync(site, 'utf8')).site.redisUrl, 'rediss://the-RedisHost:the-RedisPort');
  const { helm } = await kubectlAndHelm();
  for (const { name } of allCharts) {
    const chart = chartFolder(name);
    const files = ['--values', join(chart, `values-${environment}.yaml`), '--values', site];
    const text = execFileSync(helm, ['template', name, chart, ...files, '--set-string', 'image.tag=1'], {
      encoding: 'utf8',
    });
    t.match(text, 'the-ImageRegistry', name);
    if (name === 'confirm-api') t.match(text, '@the-PostgresHost:5432/onsale?sslmode=verify-full');
  }
  const wrong = spawnSync(process.execPath, [command, ...args, '--own', file('bad.yaml', { redisUrl: 'x' })]);
  t.equal(wrong.status, 1);
  t.match(String(wrong.stderr), /redisUrl is not one's own/);
  t.equal(spawnSync(process.execPath, [command, 'production']).status, 2);
});

t.test('outputs of the other Region, and of half a deployment, are refused', async (t) => {
  t.throws(() => siteValues('production-ap-northeast-1', outputs, own), /outputs of ap-northeast-2/);
  t.throws(() => siteValues('staging', outputs, own), /onsale-staging-network has no output Region/);
  const { 'onsale-production-edge': _edge, ...half } = outputs;
  t.throws(() => siteValues(environment, half, own), /onsale-production-edge has no output ApiBase/);
});
