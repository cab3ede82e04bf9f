import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { localSecrets } from '@onsale/local/local-secrets';
import { kubectlAndHelm } from '@onsale/control-plane/kubectl-layer';
import t from 'tap';
import { allCharts } from './charts/all-charts.ts';
import { chartFolder, goldenText, renderChart, sampleTag, valueFiles } from './helm/render-chart.ts';
import { localEngines } from './values/local-engines.ts';

// Helm starts a dozen times; a busy machine takes its time.
t.setTimeout(120_000);
const { helm } = await kubectlAndHelm();
const engines = renderChart(helm, 'local-engines', 'local');
const templateOf = (spec: unknown) => (spec as any)?.template?.spec;

t.test('engines render as their golden file says, and lint has no word against them', async (t) => {
  const committed = readFileSync(new URL('./golden/local/local-engines.yaml', import.meta.url), 'utf8');
  t.equal(goldenText(engines), committed.split('\n').slice(1).join('\n'));
  const said = execFileSync(
    helm,
    ['lint', '--strict', '--quiet', chartFolder('local-engines'), ...sampleTag],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
  );
  t.notMatch(said, /ERROR|WARNING/);
});

t.test('what the services’ local values call is there, and answers to their keys', async (t) => {
  const here = new Set(
    engines
      .filter(({ kind }) => kind === 'Service')
      .map(({ metadata, spec }) => `${metadata.name}:${(spec as any).ports[0].port}`),
  );
  t.equal(here.size, Object.keys(localEngines).length);
  const called = new Set<string>();
  for (const { name } of allCharts)
    for (const { kind, ...object } of renderChart(helm, name, 'local')) {
      if (kind !== 'ConfigMap' && kind !== 'Secret') continue;
      const data = (object['data'] ?? object['stringData'] ?? {}) as Record<string, string>;
      for (const [variable, value] of Object.entries(data)) {
        const address = /^(?:https?|rediss?|postgres):\/\/(?:[^@/]*@)?([a-z0-9.-]+:\d+)/.exec(value)?.[1];
        // Where buyers are, and the operator's way to public-api.
        if (address === undefined || ['API_BASE', 'ADMIN_URL'].includes(variable)) continue;
        t.ok(here.has(address), `${name} ${variable}: ${address}`);
        called.add(address);
      }
    }
  t.strictSame([...called].sort(), [...here].sort(), 'and no engine is there for nobody');

  const payments = engines.find(
    ({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'payments',
  );
  const [, , settings] = templateOf(payments?.spec).containers[0].command;
  const api = renderChart(helm, 'confirm-api', 'local').find(
    ({ kind, metadata }) => kind === 'Secret' && metadata.name === 'confirm-api',
  );
  t.match(JSON.parse(settings), {
    webhookSecret: (api?.['stringData'] as any).PAYMENT_WEBHOOK_SECRETS,
    key: (api?.['stringData'] as any).PAYMENT_PROVIDER_KEY,
  });
  for (const name of ['public-api', 'confirm-api', 'bots'])
    t.match(
      renderChart(helm, name, 'local').find(
        ({ kind, metadata }) => kind === 'Secret' && metadata.name === name,
      ),
      { stringData: { LOCAL_JWT_KEY: localSecrets.jwtKey } },
      `${name} signs or checks tokens with the same key where IDENTITY is bearer`,
    );
});

t.test('no engine is root or writes where it need not', async (t) => {
  for (const { kind, metadata, spec } of engines) {
    const pod = templateOf(spec);
    if (pod === undefined) continue;
    const of = `${kind} ${metadata.name}`;
    t.match(pod.securityContext, { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }, of);
    t.ok(pod.securityContext.runAsUser > 0, of);
    t.equal(pod.automountServiceAccountToken, false, of);
    for (const { securityContext, image } of pod.containers) {
      t.match(
        securityContext,
        {
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
        },
        of,
      );
      t.notMatch(image, /:latest$|:$/, of);
    }
  }
});

t.test('it is refused wherever something is really sold', async (t) => {
  const render = (...more: string[]) => renderChart(helm, 'local-engines', 'local', ...more);
  for (const environment of ['staging', 'production']) {
    t.throws(() => render('--set', `environment=${environment}`), /environment/);
    t.throws(
      () => render('--set', `environment=${environment}`, '--skip-schema-validation'),
      /its secrets are public/,
    );
  }
  t.throws(
    () => render(...valueFiles('public-api', 'production-ap-northeast-1')),
    /environment/,
    'with the values of production',
  );
  for (const [more, words] of [
    [['--set', 'postgresImage=postgres:latest'], /postgresImage/],
    [['--set', 'valkeyImage=valkey'], /valkeyImage/],
    [['--set', 'payments.behaviour=maybe'], /behaviour/],
    [['--set', 'paymens.behaviour=late'], /paymens/],
    [['--set-string', 'image.tag='], /image\/tag/],
  ] as const)
    t.throws(() => render(...more), words, more.join(' '));
});
