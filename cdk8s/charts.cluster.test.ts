import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { AppsV1Api, AutoscalingV2Api } from '@kubernetes/client-node';
import { kubectlAndHelm } from '@onsale/control-plane/kubectl-layer';
import t from 'tap';
import { parse } from 'yaml';
import { allCharts } from './charts/all-charts.ts';
import { until } from '@onsale/control-plane/until';
import { startChartCluster, startOperator } from './cluster/cluster-fixture.ts';
import { startMetricsApi } from './cluster/metrics-api-stub.ts';
import { thirdPartyCrds } from './cluster/third-party-crds-fixture.ts';
import { chartFolder, renderChart, renderLoadtest, sampleTag, valueFiles } from './helm/render-chart.ts';
import { environments } from './values/environments.ts';
import { appNamespace as namespace } from './values/namespace.ts';

// A minute on a quiet machine.
t.setTimeout(600_000);
const chartsFile = (path: string) => readFileSync(new URL(`../charts/${path}`, import.meta.url), 'utf8');
const cluster = await startChartCluster(t);
const autoscaling = cluster.config.makeApiClient(AutoscalingV2Api);
const apps = cluster.config.makeApiClient(AppsV1Api);
const metrics = await startMetricsApi(cluster.config, cluster.dir, namespace);
t.teardown(() => metrics.close());
await cluster.apply(...(await thirdPartyCrds()), chartsFile('namespace.yaml'), ...metrics.registration);
const { status: crds, message } = await cluster
  .kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=120s'])
  .then(({ code, err }) => ({ status: code, message: err }));
t.equal(crds, 0, message);

const release = (verb: 'install' | 'upgrade', chart: string, ...more: string[]) =>
  cluster.helmOk(
    verb,
    chart,
    chartFolder(chart),
    '--namespace',
    namespace,
    ...valueFiles(chart, 'staging'),
    ...sampleTag,
    '--timeout',
    '150s',
    ...more,
  );
const hpa = (name = 'public-api') => autoscaling.readNamespacedHorizontalPodAutoscaler({ namespace, name });
const deployment = (name = 'public-api') => apps.readNamespacedDeployment({ namespace, name });
const readyPods = async () => (await deployment()).status?.readyReplicas ?? 0;
const podsAtLeast = (count: number, why: string) =>
  until(`${count} pods ${why}`, 150, async () => ((await readyPods()) >= count ? true : undefined));

t.test('the API server takes every object of every environment, word for word', async (t) => {
  const { helm } = await kubectlAndHelm();
  const all = {
    'public-api':
      'canary.enabled=true,canary.tag=next,ingress.enabled=true,autoscaling.baselineHook=true,podMonitor=true',
    'confirm-api':
      'canary.enabled=true,canary.tag=next,ingress.enabled=true,autoscaling.baselineHook=true,podMonitor=true',
    'confirm-worker': 'autoscaling.enabled=true,autoscaling.baselineHook=true,podMonitor=true',
    'ticket-event-operator': 'podMonitor=true',
    bots: 'podMonitor=true',
  } as Record<string, string>;
  for (const environment of environments) {
    const objects = [
      ...allCharts.flatMap(({ name }) => renderChart(helm, name, environment, '--set', all[name]!)),
      ...(environment === 'local' ? renderChart(helm, 'local-engines', environment) : []),
    ].map((object) => JSON.stringify(object));
    const { code, out, err } = await cluster.kubectl(
      [
        'apply',
        '--dry-run=server',
        '--server-side',
        '--validate=strict',
        '--namespace',
        namespace,
        '-f',
        '-',
      ],
      [...objects, chartsFile('scaling/prometheus-rule.yaml')].join('\n---\n'),
    );
    t.equal(code, 0, `${environment}: ${err}`);
    t.notMatch(err, /Warning/, environment);
    t.equal(out.match(/serverside-applied \(server dry run\)/g)?.length, objects.length + 1, environment);
  }
});

t.test('the API server takes the load test, and no misspelt field of it', async (t) => {
  const { helm } = await kubectlAndHelm();
  const objects = renderLoadtest(helm);
  const dryRun = (of: readonly object[]) =>
    cluster.kubectl(
      [
        'apply',
        '--dry-run=server',
        '--server-side',
        '--validate=strict',
        '--namespace',
        namespace,
        '-f',
        '-',
      ],
      of.map((object) => JSON.stringify(object)).join('\n---\n'),
    );
  const { code, out, err } = await dryRun(objects);
  t.equal(code, 0, err);
  t.match(out, /testrun.k6.io\/loadtest serverside-applied/);
  const testRun = objects.find(({ kind }) => kind === 'TestRun')!;
  const wrong = await dryRun([{ ...testRun, spec: { ...(testRun.spec as object), paralelism: 3 } }]);
  t.not(wrong.code, 0);
  t.match(wrong.err, /paralelism/);
});

t.test('a misspelt field is refused, so the check above can fail', async (t) => {
  const { helm } = await kubectlAndHelm();
  const scaled = renderChart(helm, 'confirm-worker', 'staging').find(({ kind }) => kind === 'ScaledObject')!;
  const wrong = { ...scaled, spec: { ...(scaled.spec as object), maxReplicas: 3 } };
  const { code, err } = await cluster.kubectl(
    ['apply', '--dry-run=server', '--server-side', '--validate=strict', '--namespace', namespace, '-f', '-'],
    JSON.stringify(wrong),
  );
  t.not(code, 0);
  t.match(err, /maxReplicas/);
});

t.test(
  'where no operator runs, the hook sets the minimum once, with the rights of its own account',
  async (t) => {
    await release('install', 'confirm-api', '--set', 'autoscaling.baselineHook=true');
    t.equal(
      (await hpa('confirm-api')).spec?.minReplicas ?? 1,
      1,
      'pods here are figures: the hook’s did nothing',
    );
    const { helm } = await kubectlAndHelm();
    const job = renderChart(helm, 'confirm-api', 'staging', '--set', 'autoscaling.baselineHook=true').find(
      ({ metadata }) => metadata.name === 'confirm-api-baseline' && metadata.annotations?.['helm.sh/hook'],
    ) as any;
    const env = Object.fromEntries(
      job.spec.template.spec.containers[0].env.map(({ name, value }: any) => [name, value]),
    ) as Record<string, string>;
    const tokenFile = join(cluster.dir, 'baseline.token');
    writeFileSync(tokenFile, await cluster.tokenOf(namespace, 'confirm-api-baseline'));
    const setBaseline = (resource: string) =>
      promisify(execFile)(
        process.execPath,
        [fileURLToPath(new URL('./hooks/apply-baseline.mjs', import.meta.url))],
        {
          env: {
            BODY: env['BODY'],
            RESOURCE: resource,
            API_SERVER: cluster.config.getCurrentCluster()!.server,
            TOKEN_FILE: tokenFile,
            NODE_EXTRA_CA_CERTS: join(cluster.dir, 'pki', 'apiserver.crt'),
          },
        },
      );
    await setBaseline(env['RESOURCE']!);
    t.equal((await hpa('confirm-api')).spec?.minReplicas, 2);
    await t.rejects(setBaseline(env['RESOURCE']!.replace('confirm-api', 'public-api')), /403/);
    await release('upgrade', 'confirm-api', '--set', 'autoscaling.baselineHook=true');
    t.equal((await hpa('confirm-api')).spec?.minReplicas, 2, 'an upgrade leaves it');
    await cluster.helmOk('uninstall', 'confirm-api', '--namespace', namespace);
  },
);

t.test('installed, a release is scaled by each of its metrics', async (t) => {
  await release('install', 'ticket-event-operator');
  await release('install', 'public-api', '--set', 'autoscaling.maxReplicas=60');
  await podsAtLeast(1, 'at first');
  for (const name of ['public-api', 'ticket-event-operator'])
    t.match(await cluster.helmOk('test', name, '--namespace', namespace), /Succeeded/);

  metrics.load.cpuMillis = 900;
  await podsAtLeast(2, 'by CPU: 90 % where 60 % is the aim');
  metrics.load.cpuMillis = 50;
  const before = (await deployment()).spec?.replicas ?? 0;

  metrics.load.requestsPerSecond = (before + 6) * 800;
  await podsAtLeast(before + 6, 'by 800 requests a second each');
  t.ok(((await deployment()).spec?.replicas ?? 0) <= before + 7, 'and no more');
  metrics.load.requestsPerSecond = 0;

  const busy = await readyPods();
  metrics.load.isSlow = true;
  await podsAtLeast(Math.ceil(1.2 * busy), 'by p95: a fifth more');
  metrics.load.isSlow = false;
  t.strictSame([...metrics.asked].sort(), [
    'onsale_http_requests_per_second',
    'onsale_slow_step_pods',
    'pods',
  ]);
});

t.test(
  'an upgrade in mid-sale, a rollback and a refused upgrade leave the floor where the operator put it',
  async (t) => {
    await startOperator(t, cluster, { AWS_REGION: 'ap-northeast-1', POD_NAMESPACE: namespace });
    await until('the baseline', 150, async () =>
      ((await hpa()).spec?.minReplicas ?? 1) === 2 ? true : undefined,
    );
    const opensAtMs = Date.now() + 3_600_000;
    await cluster.apply({
      apiVersion: 'onsale.dev/v1alpha1',
      kind: 'TicketEvent',
      metadata: { name: 'gala', namespace },
      spec: {
        eventId: 'gala',
        title: 'Gala',
        homeRegion: 'ap-northeast-1',
        sale: {
          opensAt: new Date(opensAtMs).toISOString(),
          closesAt: new Date(opensAtMs + 3_600_000).toISOString(),
        },
        venue: { sections: [{ id: 'A', rows: 10, seatsPerRow: 10, price: 1000 }] },
        expected: { peakRps: 32_000 },
        targets: [
          {
            ref: { kind: 'HorizontalPodAutoscaler', name: 'public-api' },
            rpsPerPod: 800,
            headroomPercent: 0,
            ceiling: 60,
          },
        ],
        prewarm: { readyBefore: '2h' },
      },
    });
    await until('the floor', 150, async () => ((await hpa()).spec?.minReplicas === 40 ? true : undefined));
    await podsAtLeast(40, 'for the sale');

    const seen: number[] = [];
    let watching = true;
    const watch = (async () => {
      while (watching) {
        const [scaler, pods] = await Promise.all([hpa(), deployment()]);
        await delay(50);
        seen.push(scaler.spec?.minReplicas ?? 1, pods.spec?.replicas ?? 1);
      }
    })();
    await release(
      'upgrade',
      'public-api',
      '--set',
      'autoscaling.maxReplicas=60',
      '--set-string',
      'image.tag=next',
    );
    t.match((await deployment()).spec?.template.spec?.containers[0]?.image, /:next$/);
    await cluster.helmOk('rollback', 'public-api', '--namespace', namespace, '--timeout', '150s');
    t.match((await deployment()).spec?.template.spec?.containers[0]?.image, /:2026\.11\.21$/);
    await t.rejects(
      release('upgrade', 'public-api', '--set', 'autoscaling.maxReplicas=20'),
      /maxReplicas|minReplicas/,
      'a ceiling under the floor is refused by the API server',
    );
    await cluster.helmOk('rollback', 'public-api', '3', '--namespace', namespace, '--timeout', '150s');
    watching = false;
    await watch;
    t.ok(seen.length > 10, `${seen.length} looks`);
    t.equal(Math.min(...seen), 40, 'at no instant fewer');
    const owner = (await hpa()).metadata?.managedFields?.filter((one) =>
      /minReplicas/.test(JSON.stringify(one.fieldsV1)),
    );
    t.strictSame(
      owner?.map(({ manager }) => manager),
      ['ticket-event-operator'],
    );
  },
);

t.test('uninstalled, nothing is left but the kind of TicketEvents and those there are', async (t) => {
  await cluster.helmOk('uninstall', 'public-api', '--namespace', namespace);
  await cluster.helmOk('uninstall', 'ticket-event-operator', '--namespace', namespace);
  const kinds =
    'deployment,service,configmap,serviceaccount,horizontalpodautoscaler,poddisruptionbudget,role,rolebinding,targetgroupbinding,externalsecret';
  await until('everything to be gone', 150, async () => {
    const { code, out } = await cluster.kubectl([
      'get',
      kinds,
      '--namespace',
      namespace,
      '--selector',
      'app.kubernetes.io/part-of=onsale',
      '--output',
      'name',
    ]);
    return code === 0 && out === '' ? true : undefined;
  });
  const kept = parse(
    (await cluster.kubectl(['get', 'ticketevents', '--namespace', namespace, '--output', 'yaml'])).out,
  );
  t.equal(kept.items.length, 1);
});
