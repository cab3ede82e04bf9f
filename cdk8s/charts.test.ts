import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { kubectlAndHelm } from '@onsale/control-plane/kubectl-layer';
import t from 'tap';
import { allCharts } from './charts/all-charts.ts';
import { chartFolder, goldenText, renderChart, sampleTag, valueFiles } from './helm/render-chart.ts';
import { environments } from './values/environments.ts';

const { helm } = await kubectlAndHelm();
// Helm starts some seventy times; a busy machine takes its time.
t.setTimeout(240_000);
const everything = new Map(
  environments.flatMap((environment) =>
    allCharts.map(({ name }) => [`${environment}/${name}`, renderChart(helm, name, environment)] as const),
  ),
);
const golden = (path: string) => readFileSync(new URL(`./golden/${path}`, import.meta.url), 'utf8');

t.test(
  'every chart renders for every environment as its golden file says, and lint has no word against it',
  async (t) => {
    for (const environment of environments)
      for (const { name } of allCharts) {
        const rendered = goldenText(everything.get(`${environment}/${name}`)!);
        const committed = golden(`${environment}/${name}.yaml`).split('\n').slice(1).join('\n');
        t.equal(rendered, committed, `${environment}/${name}`);
        const folder = chartFolder(name);
        const files = valueFiles(name, environment);
        const said = execFileSync(helm, ['lint', '--strict', '--quiet', folder, ...files, ...sampleTag], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        t.notMatch(said, /ERROR|WARNING/, `${environment}/${name}`);
      }
  },
);

t.test('what must not be said is refused, by name', async (t) => {
  const production = 'production-ap-northeast-1';
  const refused: [string, (typeof environments)[number], string[], RegExp][] = [
    ['public-api', production, ['--set', 'config.IDENTITY=open'], /config\/IDENTITY/],
    [
      'confirm-api',
      production,
      ['--set', 'config.IDENTITY=open', '--skip-schema-validation'],
      /IDENTITY=open takes anybody for anybody/,
    ],
    ['public-api', 'staging', ['--set', 'liveSync=true'], /liveSync/],
    ['public-api', production, ['--set', 'secrets.from=inline'], /secrets\/from/],
    ['public-api', production, ['--set', 'site.jwksUrl='], /jwksUrl/],
    ['public-api', production, ['--set', 'site.redisUrl='], /redisUrl/],
    ['public-api', production, ['--set', 'site.secretKeys.ROOM_TOKEN_KEYS='], /ROOM_TOKEN_KEYS/],
    ['confirm-api', production, ['--set', 'site.secretKeys.TICKET_KEYS='], /TICKET_KEYS/],
    ['confirm-worker', production, ['--set', 'site.database.host='], /database\/host/],
    ['confirm-worker', production, ['--set', 'site.secretKeys.databaseOwner='], /databaseOwner/],
    ['confirm-worker', production, ['--set', 'site.commitQueueUrl='], /commitQueueUrl/],
    ['confirm-api', production, ['--set', 'site.paymentProviderUrl=ftp://x'], /paymentProviderUrl/],
    ['public-api', 'local', ['--set', 'secrets.inline.POSTGRES_URL=null'], /POSTGRES_URL/],
    ['public-api', 'local', ['--set', 'secrets.inline.POSTGRES_URI=x'], /POSTGRES_URI/],
    ['public-api', 'local', ['--set', 'config.PROT=1'], /PROT/],
    ['public-api', 'local', ['--set', 'autoscalling.baseline=1'], /autoscalling/],
    ['public-api', 'local', ['--set', 'config.BUYER_LIMIT=many'], /BUYER_LIMIT/],
    ['public-api', 'local', ['--set', 'config.BODY_LIMIT_BYTES=10'], /BODY_LIMIT_BYTES/],
    ['public-api', 'local', ['--set', 'resources.memoryMi=1000'], /resources/],
    ['public-api', 'local', ['--set-string', 'image.tag=latest'], /image\/tag/],
    ['public-api', 'local', ['--set-string', 'image.digest=sha256:0a'], /image\/digest/],
    ['public-api', 'local', ['--set', 'canary.enabled=true'], /canary\/tag/],
    ['confirm-worker', 'local', ['--set', 'autoscaling.messagesPerPod=0'], /messagesPerPod/],
    ['ticket-event-operator', 'local', ['--set', 'replicas=0'], /replicas/],
    ['bots', production, ['--set', 'config.BOTS_ENABLED=true'], /BOTS_ENABLED/],
    ['bots', production, ['--set', 'config.BOTS_EVENTS=gala'], /BOTS_EVENTS/],
    ['bots', 'local', ['--set', 'config.BOTS_STRATEGIES=guess=1'], /BOTS_STRATEGIES/],
    ['bots', 'staging', ['--set', 'site.apiBase='], /apiBase/],
    ['bots', 'staging', ['--set', 'site.secretKeys.ADMIN_TOKEN='], /ADMIN_TOKEN/],
  ];
  for (const [chart, environment, more, words] of refused)
    t.throws(() => renderChart(helm, chart, environment, ...more), words, `${chart} ${more.join(' ')}`);
});

t.test('with a digest every pod of a release runs just that image; a canary has its own', async (t) => {
  const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
  const imagesOf = (chart: string, ...more: string[]) =>
    renderChart(helm, chart, 'staging', '--set-string', `image.digest=${digest('a')}`, ...more).flatMap(
      ({ kind, metadata, spec }) => {
        const { template } = (spec ?? {}) as { template?: { spec?: { containers: { image: string }[] } } };
        const images = template?.spec?.containers ?? [];
        return images.map(({ image }) => [`${kind} ${metadata.name}`, image.replace(/^.*\//, '')]);
      },
    );
  for (const { name } of allCharts)
    t.strictSame(
      [...new Set(imagesOf(name).map(([, image]) => image))],
      [`${name}@${digest('a')}`],
      `${name}: Deployment and Jobs alike`,
    );
  const canary = ['--set', 'canary.enabled=true', '--set-string', 'canary.tag=next'];
  const onTrial = (...more: string[]) =>
    new Map(imagesOf('public-api', ...canary, ...more) as [string, string][]).get(
      'Deployment public-api-canary',
    );
  t.equal(onTrial(), 'public-api:next');
  t.equal(onTrial('--set-string', `canary.digest=${digest('b')}`), `public-api@${digest('b')}`);
});

t.test('large whole numbers stay whole', async (t) => {
  const [config] = renderChart(
    helm,
    'public-api',
    'local',
    '--set',
    'config.BODY_LIMIT_BYTES=1048576',
  ).filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'public-api');
  t.equal((config?.['data'] as Record<string, string>)['BODY_LIMIT_BYTES'], '1048576');
});

t.test('a change of settings replaces the pods, and a minimum is nowhere rendered', async (t) => {
  const configOf = (...more: string[]) => {
    const deployment = renderChart(helm, 'public-api', 'staging', ...more).find(
      ({ kind }) => kind === 'Deployment',
    );
    const { template } = deployment?.spec as {
      template: { metadata: { annotations: Record<string, string> } };
    };
    return template.metadata.annotations['onsale.dev/config'];
  };
  t.not(configOf(), configOf('--set', 'config.BUYER_LIMIT=7'));
  t.equal(everything.size, environments.length * allCharts.length);
  for (const [path, objects] of everything)
    for (const object of objects) {
      const spec = (object.spec ?? {}) as Record<string, unknown>;
      t.notOk('minReplicas' in spec || 'minReplicaCount' in spec, `${object.kind} ${object.metadata.name}`);
      if (object.kind === 'Deployment' && !/\/(ticket-event-operator|bots)$/.test(path))
        t.notOk('replicas' in spec, path);
    }
});
