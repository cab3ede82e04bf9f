import { existsSync, readFileSync } from 'node:fs';
import { kubectlAndHelm } from '@onsale/control-plane/kubectl-layer';
import t from 'tap';
import { parseAllDocuments } from 'yaml';
import { allCharts } from './charts/all-charts.ts';
import { podSecurityContext } from './constructs/pod-template.ts';
import { renderChart } from './helm/render-chart.ts';

// Other programs are started often; a busy machine takes its time.
t.setTimeout(240_000);
const root = new URL('../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const dockerfile = read('docker/Dockerfile');
const names = allCharts.map(({ name }) => name);

t.test('every chart’s image is a stage that runs its bundle as the charts’ user', async (t) => {
  const stages = [...dockerfile.matchAll(/^FROM (\S+) AS (\S+)$/gm)].map(([, from, name]) => ({
    from,
    name,
  }));
  for (const name of names) {
    t.strictSame(
      stages.find((stage) => stage.name === name),
      { from: 'runtime', name },
    );
    t.match(
      dockerfile,
      `COPY --from=bundles /src/dist/${name} /app/${name}\nCMD ["node", "/app/${name}/main.mjs"]`,
    );
  }
  for (const [, user] of dockerfile.matchAll(/^USER (\d+):\d+$/gm))
    t.equal(Number(user), podSecurityContext.runAsUser);
  t.notMatch(dockerfile, /:latest/);
});

t.test('images run the Node that the packages are tested with', async (t) => {
  const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: { node: string } };
  const versions = new Set([...dockerfile.matchAll(/^FROM node:([\d.]+)-/gm)].map(([, version]) => version));
  t.strictSame([...versions], [devDependencies.node]);
});

t.test('the migration’s program is in the image of every service that runs it', async (t) => {
  const { helm } = await kubectlAndHelm();
  for (const name of names) {
    const job = renderChart(helm, name, 'staging').find(
      ({ metadata }) => metadata.name === `${name}-migrate`,
    );
    if (job === undefined) continue;
    t.match(dockerfile, `AS ${name}\nCOPY --from=bundles /src/dist/migrate /app/migrate\n`);
  }
  t.match(read('scripts/bundle/bundle-service.ts'), /migrate: 'services\/migrate\/main\.ts'/);
});

t.test('a laptop’s engines run files that the image of stage dev has', async (t) => {
  t.match(dockerfile, 'WORKDIR /src\nCOPY . .\n');
  t.match(dockerfile, 'FROM sources AS dev\n');
  const { helm } = await kubectlAndHelm();
  const commands = renderChart(helm, 'local-engines', 'local').flatMap(({ spec }) => {
    const { template } = (spec ?? {}) as { template?: { spec: { containers: { command?: string[] }[] } } };
    return (template?.spec.containers ?? []).flatMap(({ command }) => (command ? [command] : []));
  });
  const files = commands.map(([, file = '']) => file).filter((file) => file.startsWith('/src/'));
  t.equal(files.length, 4);
  for (const file of files) t.ok(existsSync(new URL(file.slice('/src/'.length), root)), file);
});

t.test('skaffold builds and installs what is there, and its patches find their place', async (t) => {
  const modules = parseAllDocuments(read('skaffold.yaml')).map((document) => document.toJS());
  t.strictSame(modules.map(({ metadata }) => metadata.name).sort(), [...names, 'local-engines'].sort());
  for (const { metadata, requires = [], build, deploy, profiles, manifests } of modules) {
    const [artifact] = build.artifacts;
    const [release] = deploy.helm.releases;
    t.match(dockerfile, ` AS ${artifact.docker.target}\n`);
    // Whoever is told of an engine brings the engines.
    const told = ['local-engines', 'ticket-event-operator'].includes(metadata.name) ? [] : ['local-engines'];
    t.strictSame(
      requires.flatMap(({ configs }: any) => configs),
      told,
    );
    t.strictSame([artifact.image, release.name], [`onsale/${metadata.name}`, metadata.name]);
    for (const path of [
      artifact.docker.dockerfile,
      release.chartPath,
      ...(release.valuesFiles ?? []),
      ...manifests.rawYaml,
    ])
      t.ok(existsSync(new URL(path, root)), path);
    t.strictSame(
      profiles.map(({ name }: any) => name),
      ['local', 'ci', 'load'],
    );
    for (const { path, op, value } of profiles.flatMap(({ patches = [] }: any) => patches)) {
      const steps = path.split('/').slice(1);
      const last = steps.pop();
      const place = steps.reduce((at: any, step: string) => at?.[step], { build, deploy });
      t.ok(op === 'add' ? place : last in place, path);
      if (last === 'target') t.match(dockerfile, ` AS ${value}\n`);
      if (last !== 'setValues') continue;
      const { helm } = await kubectlAndHelm();
      const sets = Object.entries(value).flatMap(([key, one]) => ['--set', `${key}=${String(one)}`]);
      t.ok(
        renderChart(helm, metadata.name, 'local', ...sets).length > 0,
        `${metadata.name} takes ${sets.join(' ')}`,
      );
    }
  }
});
